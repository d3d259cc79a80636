import { beforeEach, expect, test } from "vitest";
import { createReconcileWorld, type ReconcileWorld } from "#operator/test/reconcile-world.ts";

let world: ReconcileWorld;

beforeEach(async () => {
  world = createReconcileWorld();
  await world.bringUp();
});

test("a paused service says so, and is Ready as before", async () => {
  world.put({ paused: true });
  await world.run();
  expect(world.cluster.takeWrites()).toEqual(["status SseService/demo"]);
  expect(world.condition("Paused")).toMatchObject({
    status: "True",
    reason: "Paused",
    observedGeneration: 2,
  });
  expect(world.condition("Ready")).toMatchObject({ status: "True" });
});

test("it is touched in nothing, and names what waits", async () => {
  world.put({ paused: true, stream: { heartbeatSeconds: 5 }, access: { publish: "Anyone" } });
  await world.cluster.delete({ apiVersion: "v1", kind: "ServiceAccount", namespace: "shop", name: "demo" });
  world.cluster.takeWrites();
  world.pass(80 * 86_400_000);
  await world.run();
  expect(world.cluster.takeWrites()).toEqual(["status SseService/demo"]);
  expect(world.condition("Paused")).toMatchObject({ reason: "ChangesWait" });
  for (const child of [
    'ServiceAccount "demo"',
    'ConfigMap "demo-config"',
    'Secret "demo-tls"',
    'Secret "demo-publish-token"',
  ])
    expect(world.condition("Paused")?.message).toContain(child);
  expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "ChangesWait" });
});

test("it goes on when it is no longer paused", async () => {
  world.put({ paused: true, stream: { heartbeatSeconds: 5 } });
  await world.run();
  world.cluster.takeWrites();
  world.put({ stream: { heartbeatSeconds: 5 } });
  await world.run();
  expect(world.cluster.takeWrites()).toContain("apply ConfigMap/demo-config");
  expect(world.condition("Paused")).toMatchObject({ status: "False" });
});
