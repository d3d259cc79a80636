/** Whole lives of a service in a Kubernetes in memory: what kstatus promises to its readers holds at every write. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ClusterError } from "#operator/engine/cluster.ts";
import type { SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { findViolations } from "#operator/test/status-rules.ts";
import { createReconcileWorld, type ReconcileWorld } from "#operator/test/reconcile-world.ts";

type Step = (world: ReconcileWorld) => unknown;

const STEPS: Readonly<Record<string, Step>> = {
  heartbeat: (world) => world.put({ stream: { heartbeatSeconds: 5 } }),
  invalid: (world) => world.put({ page: "On" }),
  pause: (world) => world.put({ paused: true }),
  default: (world) => world.put(),
  podsRun: (world) =>
    world.cluster.find("Deployment", "demo") && world.cluster.find("Service", "demo") && world.settle(),
  podsDie: (world) => {
    const deployment = world.cluster.find("Deployment", "demo");
    if (deployment) world.cluster.put({ ...deployment, status: { observedGeneration: 1 } });
  },
  opened: (world) => {
    world.opening.verdict = { kind: "verified", finding: "Open", latencyMs: 1 };
  },
  unknown: (world) => {
    world.opening.verdict = undefined;
  },
  broken: (world) => {
    world.opening.verdict = { kind: "failed", failure: { reason: "NoTls", message: "m" } };
  },
  childDeleted: (world) =>
    world.cluster.delete({ apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "demo-config" }),
  refused: (world) => world.cluster.failApplies("Service", new ClusterError("Forbidden", "no")),
  allowed: (world) => world.cluster.failApplies("Service", undefined),
  monthsPass: (world) => {
    world.pass(61 * 86_400_000);
  },
};

/** Every status that was there after a step, with the generation that it had to speak of. */
async function live(names: readonly string[]): Promise<{ generation: number; status: SseServiceStatus }[]> {
  const world = createReconcileWorld();
  world.put();
  const seen = [];
  for (const name of names) {
    world.pass(1_000);
    await STEPS[name]?.(world);
    await world.run();
    const { generation = 0 } = world.cluster.find("SseService", "demo")?.metadata ?? {};
    seen.push({ generation, status: structuredClone(world.status()) });
    world.cluster.takeWrites();
    await world.run();
    expect(world.cluster.takeWrites().filter((write) => write.startsWith("status"))).toEqual([]);
  }
  return seen;
}

test("a status speaks of what is, is written once, and breaks no rule that readers count on", async () => {
  const steps = fc.array(fc.constantFrom(...Object.keys(STEPS)), { minLength: 1, maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(steps, async (names) => {
      const life = await live(names);
      expect(findViolations(life)).toEqual([]);
      for (const { generation, status } of life) expect(status.observedGeneration).toBe(generation);
    }),
    { numRuns: 25 },
  );
});
