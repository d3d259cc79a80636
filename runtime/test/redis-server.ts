/** A Redis or Valkey server as a process of the test's own, with its files; it can be killed, stopped and restarted. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "@redis/client";
import { redisCommand, type RedisProgram } from "./redis-programs.ts";

/** Lines of a redis.conf; those with a folder in them are given by the server. */
export type RedisSettings = Readonly<Record<string, string>>;

/** As the managed server is configured. */
export const APPEND_ONLY: RedisSettings = { appendonly: "yes", appendfsync: "everysec" };

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export class RedisServer {
  readonly port: number;
  readonly directory: string;
  readonly #program: RedisProgram;
  readonly #settings: RedisSettings;
  #child: ChildProcess | undefined;

  private constructor(program: RedisProgram, port: number, directory: string, settings: RedisSettings) {
    this.#program = program;
    this.port = port;
    this.directory = directory;
    this.#settings = settings;
  }

  static async start(program: RedisProgram, settings: RedisSettings = {}): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), "sse-redis-"));
    const server = new RedisServer(program, await freePort(), directory, settings);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Resolves once it has loaded its data. */
  async start(ready = /Ready to accept connections|\+monitor/): Promise<void> {
    const settings = {
      port: `${this.port}`,
      bind: "127.0.0.1",
      dir: this.directory,
      save: '""',
      ...this.#settings,
    };
    const path = join(this.directory, "server.conf");
    const { mode, ...lines } = settings as RedisSettings;
    await writeFile(
      path,
      Object.entries(lines)
        .map(([name, value]) => `${name} ${value}\n`)
        .join(""),
    );
    const command = [
      ...(await redisCommand(this.#program)),
      path,
      ...(mode === undefined ? [] : [`--${mode}`]),
    ];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...command], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    await logged(child, ready);
  }

  /** SIGKILL; resolves once the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** It takes connections and bytes, and answers nothing, until it is thawed. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Keeps the data as it is now; put back by `restore` while the server is down. */
  async snapshot(): Promise<string> {
    const copy = await mkdtemp(join(tmpdir(), "sse-redis-copy-"));
    await cp(this.directory, copy, { recursive: true });
    return copy;
  }

  async restore(copy: string): Promise<void> {
    await rm(this.directory, { recursive: true });
    await cp(copy, this.directory, { recursive: true });
    await rm(copy, { recursive: true });
  }

  /** As an administrator, over a connection of its own. */
  async command(...command: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on("error", () => {});
    await client.connect();
    try {
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function logged(child: ChildProcess, wanted: RegExp): Promise<void> {
  if (child.stdout === null) throw new Error("Cannot read the server's log: it has no pipe");
  const lines = createInterface(child.stdout);
  await new Promise<void>((resolve, reject) => {
    const seen: string[] = [];
    child.once("exit", (code) =>
      reject(new Error(`Cannot start the server: exit ${code}\n${seen.join("\n")}`)),
    );
    lines.on("line", (line) => {
      if (seen.length < 100) seen.push(line);
      if (wanted.test(line)) resolve();
    });
  });
}
