/** A runtime as a process of its own, for what only a process can show: signals and exit status. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RuntimeConfigInput } from "#runtime/config.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

interface LogLine {
  readonly msg: string;
  readonly listen?: string | { readonly address: string; readonly port: number };
}

export class ChildRuntime {
  readonly #directory: string;
  readonly #child: ChildProcess;
  readonly log: LogLine[] = [];
  stderr = "";
  /** Resolves with the exit status; a signal that killed it is a negative one. */
  readonly exited: Promise<number>;
  #wake: () => void = () => {};

  constructor(directory: string, child: ChildProcess) {
    this.#directory = directory;
    this.#child = child;
    this.exited = once(child, "close").then(([code]: (number | null)[]) => {
      this.#wake();
      return code ?? -1;
    });
    child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      this.log.push(JSON.parse(line) as LogLine);
      this.#wake();
    });
  }

  static async start(config: RuntimeConfigInput | string): Promise<ChildRuntime> {
    const directory = await mkdtemp(join(tmpdir(), "child-"));
    const path = join(directory, "runtime.json");
    const loopback = { listen: { host: "127.0.0.1", port: 0 }, management: { host: "127.0.0.1", port: 0 } };
    await writeFile(path, typeof config === "string" ? config : JSON.stringify({ ...loopback, ...config }));
    const env = { ...process.env, SSE_CONFIG: path, POD_NAME: "child-0" };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
    return new ChildRuntime(directory, child);
  }

  /** Resolves with the first log line of this message; rejects when the process ends before. */
  async logged(message: string): Promise<LogLine> {
    for (;;) {
      const line = this.log.find(({ msg }) => msg === message);
      if (line !== undefined) return line;
      if (this.#child.exitCode !== null)
        throw new Error(`Cannot find "${message}" in the log: it has exited`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async address(): Promise<{ readonly host: string; readonly port: number }> {
    const { listen } = await this.logged("ready");
    if (typeof listen !== "object") throw new Error("Cannot find the port in the log");
    return { host: listen.address, port: listen.port };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) this.signal("SIGKILL");
    await this.exited;
    await rm(this.#directory, { recursive: true });
  }
}
