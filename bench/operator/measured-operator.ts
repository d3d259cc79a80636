/** The operator's bundle as its image starts it in its pod; and what it asks for and has looked at. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AuditedCall, isWrite, readAuditLog } from "#cluster/audit-log.ts";
import { createMemoryCgroup, removeCgroup } from "#cluster/cgroups.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { until } from "#cluster/wait.ts";
import { OPERATOR_RESOURCES } from "#operator/install/deployment.ts";
import { NAME } from "#operator/install/identity.ts";
import { SERVICE_ACCOUNT_FOLDER } from "#operator/kubernetes/service-account.ts";
import { bytesFromQuantity } from "#operator/sseservice/quantity.ts";
import { type LogEntry, startOperatorProcess } from "#operator/test/operator-process.ts";

const DOCKERFILE = join(import.meta.dirname, "..", "..", "Dockerfile.operator");
const CGROUP = `sse-bench-${process.pid}`;

export interface MeasuredOperator {
  readonly pid: number;
  /** With its exit status. */
  readonly ended: Promise<unknown>;
  readonly stop: () => Promise<void>;
}

interface OperatorOptions {
  /** Its bundle. */
  readonly program: string;
  readonly podName: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLog?: (entry: LogEntry) => void;
}

/** Resolves when it leads. */
export async function startMeasuredOperator(
  plane: ControlPlane,
  { program, podName, env = {}, onLog = () => {} }: OperatorOptions,
): Promise<MeasuredOperator> {
  const limited = await createMemoryCgroup(CGROUP, bytesFromQuantity(OPERATOR_RESOURCES.limits.memory));
  const operator = await startOperatorProcess(plane, podName, {
    command: [...limited, "setpriv", "--pdeathsig", "KILL", ...(await imageCommand(program))],
    env: { ...(await podEnvironment(plane)), NODE_ENV: "production", ...env },
    onLog,
  });
  await operator.logged("Leading");
  return {
    pid: operator.pid,
    ended: operator.ended,
    stop: async () => {
      operator.end("SIGTERM");
      await operator.ended;
      await removeCgroup(CGROUP);
    },
  };
}

/** The same, for so many services as there are; resolves when it has looked at every one of them once. */
export async function startLookingAtAll(
  plane: ControlPlane,
  program: string,
  services: number,
): Promise<MeasuredOperator> {
  const names = new Set<string>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const operator = await startMeasuredOperator(plane, {
    program,
    podName: "second",
    // Each run is a line then.
    env: { LOG_LEVEL: "debug" },
    onLog: ({ name, reconcileId }) => {
      if (name !== undefined && reconcileId !== undefined) names.add(name);
      if (names.size === services) resolve();
    },
  });
  const ended = operator.ended.then((status) => {
    throw new Error(`Cannot wait longer: the operator has ended with ${String(status)}`);
  });
  await Promise.race([promise, ended]);
  return operator;
}

async function imageCommand(program: string): Promise<string[]> {
  const [, entry = "[]"] = /^ENTRYPOINT (.*)$/m.exec(await readFile(DOCKERFILE, "utf8")) ?? [];
  const [, ...words] = JSON.parse(entry) as string[];
  return [process.execPath, ...words.slice(0, -1), program];
}

/** Where the API server is, and as whom to ask it, as the kubelet tells a pod. */
async function podEnvironment({
  kubectl,
  caPem,
  url,
}: ControlPlane): Promise<Record<string, string | undefined>> {
  const token = await kubectl("create", "token", NAME, "--namespace", NAME, "--duration=24h");
  await mkdir(SERVICE_ACCOUNT_FOLDER, { recursive: true });
  await writeFile(join(SERVICE_ACCOUNT_FOLDER, "token"), token);
  await writeFile(join(SERVICE_ACCOUNT_FOLDER, "ca.crt"), caPem);
  const { hostname, port } = new URL(url);
  return { KUBECONFIG: undefined, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
}

export interface Calls {
  readonly requests: number;
  readonly writes: number;
}

/** What it has asked for so far; the lease is renewed whatever there is to do, and a watch is one request for ever. */
export async function countCalls({ auditLogPath }: ControlPlane): Promise<Calls> {
  const calls = (await readAuditLog(auditLogPath)).filter(isForServices);
  return { requests: calls.length, writes: calls.filter(isWrite).length };
}

/** The same, once it has asked for nothing more for so long. */
export async function countWhenQuiet(plane: ControlPlane, quietMs: number): Promise<Calls> {
  let calls = await countCalls(plane);
  let sinceMs = performance.now();
  await until(
    "the operator is quiet",
    async () => {
      const now = await countCalls(plane);
      if (now.requests !== calls.requests) [calls, sinceMs] = [now, performance.now()];
      return performance.now() - sinceMs >= quietMs;
    },
    { timeoutMs: 300_000, intervalMs: quietMs / 10 },
  );
  return calls;
}

function isForServices({ verb, resource }: AuditedCall): boolean {
  return verb !== "watch" && resource !== "leases";
}
