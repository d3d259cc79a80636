/** The operator as a process of its own, to be ended as the kubelet or a power cut would. For tests only. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { images } from "./fixtures.ts";
import { OPERATOR_ACCOUNT } from "./product.ts";

const MAIN = join(import.meta.dirname, "..", "main.ts");
const NAMESPACE = "sse-operator";

export interface OperatorProcess {
  readonly pid: number;
  /** Resolves when it has logged this message. */
  logged(message: string): Promise<void>;
  /** Resolves with its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  end(signal: NodeJS.Signals): void;
}

/** A line of its log, as far as tests read it. */
export interface LogEntry {
  readonly msg: string;
  /** Of the SseService and of the run that it tells about. */
  readonly name?: string;
  readonly reconcileId?: string;
}

interface ProcessOptions {
  /** Its sources, unless something else is to be run. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onLog?: (entry: LogEntry) => void;
}

/** Follows the whole cluster, with the rights that the operator is installed with. */
export async function startOperatorProcess(
  plane: ControlPlane,
  podName: string,
  { command = [process.execPath, MAIN], env: more = {}, onLog = () => {} }: ProcessOptions = {},
): Promise<OperatorProcess> {
  const kubeconfig = await plane.kubeconfig(OPERATOR_ACCOUNT, [
    "system:serviceaccounts",
    "system:authenticated",
  ]);
  const env = {
    KUBECONFIG: kubeconfig,
    SSE_RUNTIME_IMAGE: images.runtime,
    SSE_NGINX_IMAGE: images.nginx,
    SSE_VALKEY_IMAGE: images.valkey,
    POD_NAMESPACE: NAMESPACE,
    POD_NAME: podName,
    METRICS_PORT: "0",
    ...more,
  };
  const [program = "", ...args] = command;
  const child = spawn(program, [...args, "run"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const messages = followLog(child, onLog);
  const ended = once(child, "exit").then(([status, signal]): number | NodeJS.Signals => status ?? signal);
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start the operator from "${program}"`);
  return {
    pid,
    logged: messages.logged,
    ended,
    end: (signal) => {
      child.kill(signal);
    },
  };
}

function followLog(
  { stdout }: ChildProcess,
  onLog: (entry: LogEntry) => void,
): { readonly logged: (message: string) => Promise<void> } {
  const seen = new Set<string>();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  if (stdout === null) throw new Error("Cannot read the operator's log: it has no output");
  createInterface({ input: stdout }).on("line", (line) => {
    const entry = JSON.parse(line) as LogEntry;
    seen.add(entry.msg);
    waiting.get(entry.msg)?.resolve();
    onLog(entry);
  });
  return {
    logged: async (message) => {
      const wait = waiting.get(message) ?? Promise.withResolvers<void>();
      waiting.set(message, wait);
      if (seen.has(message)) wait.resolve();
      return wait.promise;
    },
  };
}
