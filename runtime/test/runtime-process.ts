/** The runtime as a process of its own, for tests that talk to it from outside or kill it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { RuntimeConfigInput } from "#runtime/config.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

const Ready = z.object({ msg: z.literal("ready"), listen: z.object({ port: z.int() }) });

export interface RuntimeProcess {
  /** Of the page, with a slash at its end. Stays the same after a restart. */
  readonly url: string;
  /** SIGKILL; resolves once the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port; only after `kill`. */
  start(): Promise<void>;
  /** Kills it and removes its files. */
  dispose(): Promise<void>;
}

/** Starts a runtime on a free loopback port and waits until it is ready. */
export async function startRuntimeProcess(
  pod: string,
  config: Omit<RuntimeConfigInput, "listen" | "management"> = {},
): Promise<RuntimeProcess> {
  const directory = await mkdtemp(join(tmpdir(), "sse-runtime-"));
  const configPath = join(directory, "runtime.json");
  let child: ChildProcess | undefined;

  async function startOn(wanted: number): Promise<number> {
    const listen = { host: "127.0.0.1", port: wanted };
    const management = { host: "127.0.0.1", port: 0 };
    await writeFile(configPath, JSON.stringify({ ...config, listen, management }));
    child = spawn(execPath, [MAIN], {
      env: { ...env, SSE_CONFIG: configPath, POD_NAME: pod },
      stdio: ["ignore", "pipe", "inherit"],
    });
    return await readPort(child);
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  const port = await startOn(0);
  return {
    url: `http://127.0.0.1:${port}/`,
    kill,
    start: async () => void (await startOn(port)),
    dispose: async () => {
      await kill();
      await rm(directory, { recursive: true });
    },
  };
}

/** The port is in the log's line that says "ready"; the lines after it are read and dropped. */
async function readPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error("Cannot read the runtime's log: it has no pipe.");
  const lines = createInterface(child.stdout);
  return await new Promise((resolve, reject) => {
    const seen: string[] = [];
    child.once("exit", (code) =>
      reject(new Error(`Cannot start the runtime: exit ${code}\n${seen.join("\n")}`)),
    );
    lines.on("line", (line) => {
      seen.push(line);
      const ready = Ready.safeParse(JSON.parse(line));
      if (ready.success) resolve(ready.data.listen.port);
    });
  });
}
