/** One size: that many services made at once, then left alone, then an operator that begins anew. */
import { setTimeout as pause } from "node:timers/promises";
import type { Figures } from "../report/rounds.ts";
import { readUsage } from "../servers/usage.ts";
import { type CpuSeconds, readCpuSeconds } from "./cpu-seconds.ts";
import type { Metric } from "./figures.ts";
import { countCalls, countWhenQuiet, startLookingAtAll, startMeasuredOperator } from "./measured-operator.ts";
import { connect, createServices } from "./services.ts";
import { type SimulatedCluster, startSimulatedCluster } from "./simulated-cluster.ts";
import { startStandInPods } from "./stand-in-pods.ts";

export interface Size {
  readonly services: number;
  /** Without a request for so long, the operator is quiet; the pods are asked for their figures every 30 s. */
  readonly quietMs: number;
}

/** `program` is the operator's bundle. */
export async function measureOperator(program: string, size: Size): Promise<Figures<Metric>> {
  const cluster = await startSimulatedCluster(size.services);
  const client = connect(cluster.plane);
  const stopPods = await startStandInPods((namespace, name) =>
    client.get({ apiVersion: "v1", kind: "Secret", namespace, name }),
  );
  try {
    const first = await measureFirst(cluster, program, size);
    return { ...first, ...(await measureRestart(cluster, program, size)) };
  } finally {
    await stopPods();
    await client.close();
    await cluster.stop();
  }
}

async function measureFirst(
  cluster: SimulatedCluster,
  program: string,
  { services, quietMs }: Size,
): Promise<Figures<Metric>> {
  const { plane } = cluster;
  const operator = await startMeasuredOperator(plane, { program, podName: "first" });
  try {
    const before = await readCpuSeconds(cluster, operator.pid);
    const tookMs = await createServices(plane, services);
    const after = await readCpuSeconds(cluster, operator.pid);
    const created = await countWhenQuiet(plane, quietMs);
    await pause(quietMs);
    const idle = await countCalls(plane);
    const cpuMs = (part: keyof CpuSeconds) => ((after[part] - before[part]) * 1000) / services;
    return {
      requests: created.requests / services,
      writes: created.writes / services,
      seconds: tookMs / 1000,
      msPerService: tookMs / services,
      operatorCpuMs: cpuMs("operator"),
      storageCpuMs: cpuMs("storage"),
      controllersCpuMs: cpuMs("controllers"),
      nodesCpuMs: cpuMs("nodes"),
      benchCpuMs: cpuMs("bench"),
      peakBytes: (await readUsage(operator.pid)).peakBytes,
      idleWrites: idle.writes - created.writes,
    };
  } finally {
    await operator.stop();
  }
}

async function measureRestart(
  { plane }: SimulatedCluster,
  program: string,
  { services, quietMs }: Size,
): Promise<Figures<Metric>> {
  const before = await countCalls(plane);
  const startedMs = performance.now();
  const operator = await startLookingAtAll(plane, program, services);
  try {
    const restartSeconds = (performance.now() - startedMs) / 1000;
    const { cpuSeconds } = await readUsage(operator.pid);
    const after = await countWhenQuiet(plane, quietMs);
    return {
      restartSeconds,
      restartCpuSeconds: cpuSeconds,
      restartRequests: after.requests - before.requests,
      restartWrites: after.writes - before.writes,
      restartBytes: (await readUsage(operator.pid)).peakBytes,
    };
  } finally {
    await operator.stop();
  }
}
