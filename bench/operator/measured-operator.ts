/** The operator's bundle as a process beside a simulated cluster, and what it asks for, takes and has done. */
import { type AuditedCall, isWrite, readAuditLog } from "#cluster/audit-log.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { until } from "#cluster/wait.ts";
import { type OperatorProcess, startOperatorProcess } from "#operator/test/operator-process.ts";
import { readUsage, type Usage } from "./process-usage.ts";

const METRICS_PORT = "8081";
/** Longer than it takes until every pod was asked for its figures, every 30 s. */
const QUIET_MS = 32_000;

export interface MeasuredOperator {
  readonly usage: () => Promise<Usage>;
  /** Resolves when every one of this many services was reconciled, and none waits. */
  readonly hasLookedAt: (services: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Resolves when it leads. */
export async function startMeasuredOperator(
  plane: ControlPlane,
  program: string,
  podName: string,
): Promise<MeasuredOperator> {
  // As the image starts it.
  const env = { METRICS_PORT, NODE_ENV: "production", NODE_OPTIONS: "--max-semi-space-size=2" };
  const operator: OperatorProcess = await startOperatorProcess(plane, podName, { program, env });
  await operator.logged("Leading");
  return {
    usage: () => readUsage(operator.pid),
    hasLookedAt: (services) =>
      until("every service was reconciled", async () => isDone(await readMetrics(), services), {
        timeoutMs: 120_000,
      }),
    stop: async () => {
      operator.end("SIGTERM");
      await operator.ended;
    },
  };
}

function isDone(metrics: string, services: number): boolean {
  const sum = (name: string) =>
    [...metrics.matchAll(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, "gm"))]
      .map(([, value]) => Number(value))
      .reduce((total, value) => total + value, 0);
  const waiting = sum("workqueue_depth") + sum("controller_runtime_active_workers");
  return sum("controller_runtime_reconcile_total") >= services && waiting === 0;
}

async function readMetrics(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`);
  return response.text();
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

/** The same, once it asks for nothing more. */
export async function countWhenQuiet(plane: ControlPlane): Promise<Calls> {
  let calls = await countCalls(plane);
  let sinceMs = performance.now();
  await until(
    "the operator is quiet",
    async () => {
      const now = await countCalls(plane);
      if (now.requests !== calls.requests) [calls, sinceMs] = [now, performance.now()];
      return performance.now() - sinceMs >= QUIET_MS;
    },
    { timeoutMs: 300_000, intervalMs: 500 },
  );
  return calls;
}

function isForServices({ verb, resource }: AuditedCall): boolean {
  return verb !== "watch" && resource !== "leases";
}
