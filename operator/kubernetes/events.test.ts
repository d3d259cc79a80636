import { describe, expect, test } from "vitest";
import { ClusterError, type ClusterEvent } from "#operator/engine/cluster.ts";
import { createManualClock } from "#operator/engine/manual-clock.ts";
import { EventRecorder } from "./events.ts";

/** Lets every promise that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const EVENT: ClusterEvent = {
  regarding: { apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "demo", uid: "uid-1" },
  type: "Warning",
  reason: "SecretNotFound",
  action: "Reconcile",
  note: "Secret my-tls is missing",
};

type Written = {
  metadata: { name: string; namespace: string };
  series?: { count: number; lastObservedTime: string };
};

function createRig() {
  const clock = createManualClock();
  const written: Written[] = [];
  const lost: ClusterError[] = [];
  const rig = {
    clock,
    written,
    lost,
    failing: undefined as ClusterError | undefined,
    recorder: new EventRecorder({
      source: { controller: "example.dev/operator", instance: "pod-0" },
      apply: async (event) => {
        if (rig.failing !== undefined) throw rig.failing;
        written.push(event as Written);
      },
      onLost: (error) => lost.push(error),
      clock,
      wallClock: () => Date.UTC(2026, 0, 1) + clock.now(),
    }),
  };
  return rig;
}

test("the first is written at once, whole", async () => {
  const { recorder, written } = createRig();
  recorder.record(EVENT);
  await settle();
  expect(written).toEqual([
    {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: expect.stringMatching(/^demo\.[0-9a-f]{16}$/), namespace: "shop" },
      eventTime: "2026-01-01T00:00:00.000000Z",
      type: "Warning",
      reason: "SecretNotFound",
      action: "Reconcile",
      note: "Secret my-tls is missing",
      regarding: EVENT.regarding,
      reportingController: "example.dev/operator",
      reportingInstance: "pod-0",
    },
  ]);
});

test("one about a cluster-scoped object goes to the default namespace, a long note is cut", async () => {
  const { recorder, written } = createRig();
  const { namespace, ...regarding } = EVENT.regarding;
  recorder.record({ ...EVENT, regarding, note: "x".repeat(3000) });
  await settle();
  expect(namespace).toBe("shop");
  expect(written).toMatchObject([{ metadata: { namespace: "default" }, note: "x".repeat(1024) }]);
});

describe("repeats", () => {
  test("are counted up on the same object, written at most every half minute", async () => {
    const { recorder, written, clock } = createRig();
    for (let count = 0; count < 100; count += 1) {
      recorder.record(EVENT);
      await settle();
      clock.advance(1000);
      await settle();
    }
    await settle();
    expect(new Set(written.map(({ metadata }) => metadata.name)).size).toBe(1);
    expect(written.map(({ series }) => series?.count)).toEqual([undefined, 31, 61, 91]);
    expect(written[1]?.series?.lastObservedTime).toBe("2026-01-01T00:00:30.000000Z");
  });

  test("that wait are written by a flush, and only once", async () => {
    const { recorder, written, clock } = createRig();
    recorder.record(EVENT);
    await settle();
    recorder.record(EVENT);
    await recorder.flush();
    expect(written.map(({ series }) => series?.count)).toEqual([undefined, 2]);
    await recorder.flush();
    clock.advance(60_000);
    await settle();
    expect(written).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test("at one moment are one write", async () => {
    const { recorder, written } = createRig();
    for (let count = 0; count < 7; count += 1) recorder.record(EVENT);
    await recorder.flush();
    expect(written.map(({ series }) => series?.count)).toEqual([7]);
  });

  test("after half an hour of silence begin a new object", async () => {
    const { recorder, written, clock } = createRig();
    recorder.record(EVENT);
    clock.advance(30 * 60_000);
    recorder.record(EVENT);
    await settle();
    expect(written).toHaveLength(2);
    expect(written[0]?.metadata.name).not.toBe(written[1]?.metadata.name);
  });

  test("with another reason, note, type or object are others", async () => {
    const { recorder, written } = createRig();
    const regarding = { ...EVENT.regarding, uid: "uid-2" };
    for (const other of [
      {},
      { reason: "Other" },
      { note: "other" },
      { type: "Normal" as const },
      { regarding },
    ]) {
      recorder.record({ ...EVENT, ...other });
    }
    await settle();
    expect(new Set(written.map(({ metadata }) => metadata.name)).size).toBe(5);
  });
});

test("an object that causes too many different events loses some, and others do not", async () => {
  const { recorder, written, lost } = createRig();
  for (let index = 0; index < 40; index += 1) recorder.record({ ...EVENT, note: `note ${index}` });
  recorder.record({ ...EVENT, regarding: { ...EVENT.regarding, uid: "uid-2" } });
  await settle();
  expect(written).toHaveLength(26);
  expect(lost).toHaveLength(15);
  expect(lost[0]).toMatchObject({ kind: "TooManyRequests" });
});

test("one that cannot be stored is lost, and told", async () => {
  const rig = createRig();
  rig.failing = new ClusterError("Forbidden", "no");
  rig.recorder.record(EVENT);
  await settle();
  expect(rig.lost).toEqual([rig.failing]);
});
