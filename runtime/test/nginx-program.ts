/** The machine's nginx, for tests that put a real one in front of something. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { PATIENTLY } from "./event-stream-reader.ts";

export interface NginxOptions {
  /** Written beside its configuration before it starts. */
  readonly files: Readonly<Record<string, string>>;
  /** What stands inside of `http { }`. */
  readonly http: (directory: string) => string;
  /** It is up when this port takes connections. */
  readonly port: number;
}

export class RunningNginx {
  readonly directory: string;
  readonly #process: ChildProcess;

  private constructor(directory: string, process: ChildProcess) {
    this.directory = directory;
    this.#process = process;
  }

  static async start({ files, http, port }: NginxOptions): Promise<RunningNginx> {
    installNginx();
    const directory = await mkdtemp(join(tmpdir(), "nginx-"));
    await chmod(directory, 0o755);
    await mkdir(join(directory, "temp"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    const path = join(directory, "nginx.conf");
    await writeFile(path, configuration(directory, http(directory)));
    const child = spawn("nginx", ["-p", directory, "-c", path], { stdio: "ignore" });
    await vi.waitFor(async () => expect(await isOpen(port)).toBe(true), PATIENTLY);
    return new RunningNginx(directory, child);
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    if (this.#process.exitCode === null) await once(this.#process, "exit");
    await rm(this.directory, { recursive: true });
  }
}

/** From the distribution, where it is not there yet. */
function installNginx(): void {
  try {
    execFileSync("nginx", ["-v"], { stdio: "ignore" });
  } catch {
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "nginx-light"], { stdio: "ignore" });
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answer = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return answer;
}

function configuration(directory: string, http: string): string {
  return `
daemon off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${directory}/temp; proxy_temp_path ${directory}/temp; fastcgi_temp_path ${directory}/temp;
  uwsgi_temp_path ${directory}/temp; scgi_temp_path ${directory}/temp;
${http}
}
`;
}
