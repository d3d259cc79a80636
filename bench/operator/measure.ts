/** One size: that many services made at once, then left alone, then an operator that begins anew. */
import { setTimeout as pause } from "node:timers/promises";
import type { ControlPlane } from "#cluster/control-plane.ts";
import type { Figures } from "../report/rounds.ts";
import type { Metric } from "./figures.ts";
import { countCalls, countWhenQuiet, startMeasuredOperator } from "./measured-operator.ts";
import { connect, createServices } from "./services.ts";
import { startSimulatedCluster } from "./simulated-cluster.ts";
import { startStandInPods } from "./stand-in-pods.ts";

/** `program` is the operator's bundle; `idleMs` should hold a round of questions to the pods, one in 30 s. */
export async function measureOperator(
  program: string,
  services: number,
  idleMs: number,
): Promise<Figures<Metric>> {
  const cluster = await startSimulatedCluster(services);
  const client = connect(cluster.plane);
  const stopPods = await startStandInPods((namespace, name) =>
    client.get({ apiVersion: "v1", kind: "Secret", namespace, name }),
  );
  try {
    const first = await measureFirst(cluster.plane, program, services, idleMs);
    return { ...first, ...(await measureRestart(cluster.plane, program, services)) };
  } finally {
    await stopPods();
    await client.close();
    await cluster.stop();
  }
}

async function measureFirst(
  plane: ControlPlane,
  program: string,
  services: number,
  idleMs: number,
): Promise<Figures<Metric>> {
  const operator = await startMeasuredOperator(plane, program, "first");
  try {
    const before = await operator.usage();
    const tookMs = await createServices(plane, services);
    const created = await countWhenQuiet(plane);
    const after = await operator.usage();
    await pause(idleMs);
    const idle = await countCalls(plane);
    return {
      requests: created.requests / services,
      writes: created.writes / services,
      seconds: tookMs / 1000,
      msPerService: tookMs / services,
      cpuMsPerService: (after.cpuMs - before.cpuMs) / services,
      peakMegabytes: (await operator.usage()).peakMegabytes,
      idleWrites: idle.writes - created.writes,
    };
  } finally {
    await operator.stop();
  }
}

async function measureRestart(
  plane: ControlPlane,
  program: string,
  services: number,
): Promise<Figures<Metric>> {
  const before = await countCalls(plane);
  const startedMs = performance.now();
  const operator = await startMeasuredOperator(plane, program, "second");
  try {
    await operator.hasLookedAt(services);
    const restartSeconds = (performance.now() - startedMs) / 1000;
    const after = await countWhenQuiet(plane);
    return {
      restartSeconds,
      restartRequests: after.requests - before.requests,
      restartWrites: after.writes - before.writes,
      restartMegabytes: (await operator.usage()).peakMegabytes,
    };
  } finally {
    await operator.stop();
  }
}
