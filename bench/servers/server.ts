/** A server process on the servers' core: started, waited for until it takes connections, killed with its workers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type NetConnectOpts } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { SERVER_CORE, type Address } from "../load/load.ts";

export interface Server {
  /** The process and its workers. */
  readonly pids: readonly number[];
  /** Resolves when the process is gone. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Processes of its own that it starts. */
  readonly workers?: number;
}

const START_MS = 15_000;

export async function startServer(
  command: readonly string[],
  address: Address,
  { env = {}, workers = 0 }: ServerOptions = {},
): Promise<Server> {
  // It ends with the benchmark, however that ends.
  const bound = ["setpriv", "--pdeathsig", "TERM", "--", ...command];
  const child = spawn("taskset", ["-c", SERVER_CORE, ...bound], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start "${command.join(" ")}"`);
  const exited = once(child, "exit");
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const deadline = performance.now() + START_MS;
  while (!(await takesConnections(address)) || (await childrenOf(pid)).length < workers) {
    if (!isRunning() || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`Cannot start "${command.join(" ")}": nothing listens on ${address.address}`);
    }
    await pause(10);
  }
  const pids = [pid, ...(await childrenOf(pid))];
  return {
    pids,
    exited,
    stop: async () => {
      for (const each of pids) kill(each);
      if (isRunning()) await exited;
    },
  };
}

/** Several as one, stopped in the order given. */
export function together(...servers: readonly Server[]): Server {
  return {
    pids: servers.flatMap(({ pids }) => pids),
    exited: Promise.all(servers.map(({ exited }) => exited)),
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}

/** As node:http takes it, and as our configuration has it. */
export function placeOf({ network, address }: Address) {
  const [host = "", port] = address.split(":");
  return network === "unix" ? { socketPath: address } : { host, port: Number(port) };
}

function takesConnections(address: Address): Promise<boolean> {
  const place = placeOf(address);
  const options: NetConnectOpts = "socketPath" in place ? { path: place.socketPath } : place;
  return new Promise((resolve) => {
    const socket = connect(options, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
