import { beforeEach, describe, expect, test } from "vitest";
import { createReconcileWorld, type ReconcileWorld } from "#operator/test/reconcile-world.ts";

let world: ReconcileWorld;

beforeEach(() => {
  world = createReconcileWorld();
});

test("a service is Ready only when it was opened and found good", async () => {
  world.opening.verdict = undefined;
  world.put();
  await world.run();
  expect(world.opening.expected).toBeUndefined();
  world.settle();
  await world.run();
  expect(world.opening.expected).toMatchObject({
    isSettled: true,
    wasVerified: false,
    target: { address: "192.0.2.200", port: 443, serverName: "demo.shop.svc" },
  });
  expect(world.condition("Http2Verified")).toMatchObject({ status: "Unknown", reason: "Pending" });
  expect(world.condition("Reconciling")).toMatchObject({ status: "True", reason: "Verifying" });
  expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Verifying" });

  world.opening.verdict = {
    kind: "failed",
    failure: { reason: "NoHttp2", message: "TLS negotiated http/1.1" },
  };
  await world.run();
  expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "NoHttp2" });
  expect(world.condition("Reconciling")).toMatchObject({ status: "False" });

  world.opening.verdict = { kind: "verified", finding: "Open", latencyMs: 1 };
  await world.run();
  expect(world.condition("Ready")).toMatchObject({ status: "True" });
});

describe("a service that was found good", () => {
  beforeEach(() => world.bringUp());

  test("is left alone by a process that has not opened it yet", async () => {
    world.opening.verdict = undefined;
    await world.run();
    expect(world.cluster.takeWrites()).toEqual([]);
    expect(world.opening.expected).toMatchObject({ wasVerified: true });
  });

  test("is to be opened anew after a rollout, and again after a renewal", async () => {
    const { revision, fingerprint } = world.opening.expected ?? {};
    world.put({ stream: { heartbeatSeconds: 5 } });
    await world.run();
    expect(world.opening.expected).toMatchObject({ isSettled: false, fingerprint });
    expect(world.opening.expected?.revision).not.toBe(revision);
    world.pass(61 * 86_400_000);
    await world.run();
    expect(world.opening.expected?.fingerprint).not.toBe(fingerprint);
  });

  test("is opened no more when it is gone", async () => {
    world.put({}, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    await world.run();
    expect(world.opening.expected).toBeUndefined();
  });
});
