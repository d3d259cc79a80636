import { describe, expect, onTestFinished, test } from "vitest";
import {
  type ControllerOptions,
  createController,
  joinObservers,
  type Reconcile,
  type ReconcileResult,
} from "./controller.ts";
import { createManualClock } from "./manual-clock.ts";

const DONE: ReconcileResult = { kind: "done" };

/** Lets every promise that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

type Run = {
  key: string;
  signal: AbortSignal;
  finish: (result: ReconcileResult) => void;
  fail: (error: Error) => void;
};

/** A controller whose runs last until the test ends them. */
function createRig(options: Partial<ControllerOptions> = {}) {
  const clock = createManualClock();
  const runs: Run[] = [];
  const log: string[] = [];
  const reconcile: Reconcile = (key, { signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<ReconcileResult>();
    runs.push({ key, signal, finish: resolve, fail: reject });
    return promise;
  };
  const controller = createController({
    reconcile,
    keys: () => [],
    observer: {
      finished: (key, _id, result) => log.push(`${key} ${result.kind}`),
      throttled: (key, waitMs) => log.push(`${key} waits ${waitMs}`),
    },
    backoff: (failures) => failures * 1000,
    clock,
    ...options,
  });
  onTestFinished(async () => {
    const stopped = controller.stop();
    for (const run of runs) run.finish(DONE);
    await stopped;
  });
  /** Ends the oldest run. */
  async function finish(result: ReconcileResult): Promise<void> {
    runs.shift()?.finish(result);
    await settle();
  }
  return { controller, clock, runs, log, finish, keys: () => runs.map(({ key }) => key) };
}

describe("running", () => {
  test("begins at start, every key at low priority, what was enqueued before first", () => {
    const { controller, keys } = createRig({ workers: 3, keys: () => ["a", "b", "c"] });
    controller.enqueue("urgent");
    expect(keys()).toEqual([]);
    controller.start();
    expect(keys()).toEqual(["urgent", "a", "b"]);
    expect(controller.state()).toMatchObject({ depth: { normal: 0, low: 1 }, running: 3 });
  });

  test("runs different keys side by side, one key never twice at once", async () => {
    const { controller, keys, finish } = createRig({ workers: 4 });
    controller.start();
    for (const key of ["a", "b", "a", "a"]) controller.enqueue(key);
    expect(keys()).toEqual(["a", "b"]);
    await finish(DONE);
    expect(keys()).toEqual(["b", "a"]);
  });

  test("no more runs at once than workers", async () => {
    const { controller, keys, finish } = createRig({ workers: 2 });
    controller.start();
    for (const key of ["a", "b", "c"]) controller.enqueue(key);
    expect(keys()).toEqual(["a", "b"]);
    await finish(DONE);
    expect(keys()).toEqual(["b", "c"]);
  });

  test("each run has an id of its own", async () => {
    const ids: string[] = [];
    const reconcile: Reconcile = async (_key, { reconcileId }) => {
      ids.push(reconcileId);
      return DONE;
    };
    const { controller } = createRig({ reconcile });
    controller.start();
    controller.enqueue("a");
    controller.enqueue("b");
    await settle();
    expect(new Set(ids).size).toBe(2);
  });
});

describe("results", () => {
  test("done and terminal: nothing until something happens", async () => {
    const { controller, clock, keys, finish } = createRig();
    controller.start();
    for (const result of [DONE, { kind: "terminal", error: new Error("no") }] as const) {
      controller.enqueue("a");
      await finish(result);
      clock.advance(599_000);
      expect(keys()).toEqual([]);
    }
  });

  test("again: after that time", async () => {
    const { controller, clock, keys, finish } = createRig();
    controller.start();
    controller.enqueue("a");
    await finish({ kind: "again", afterMs: 5000 });
    clock.advance(4999);
    expect(keys()).toEqual([]);
    clock.advance(1);
    expect(keys()).toEqual(["a"]);
  });

  test("failed: after the key's own back-off, which a success resets", async () => {
    const { controller, clock, keys, finish } = createRig();
    controller.start();
    controller.enqueue("a");
    const failed: ReconcileResult = { kind: "failed", error: new Error("x") };
    for (const delayMs of [1000, 2000, 3000]) {
      await finish(failed);
      clock.advance(delayMs - 1);
      expect(keys()).toEqual([]);
      clock.advance(1);
      expect(keys()).toEqual(["a"]);
    }
    await finish(DONE);
    controller.enqueue("a");
    await finish(failed);
    expect(clock.pending).toBe(2); // the resync and this
    expect(clock.nextDelayMs).toBe(1000);
  });

  test("failed with a longer wait asked for by the server: that long", async () => {
    const { controller, clock, finish } = createRig();
    controller.start();
    controller.enqueue("a");
    await finish({ kind: "failed", error: new Error("x"), retryAfterMs: 7000 });
    expect(clock.nextDelayMs).toBe(7000);
  });

  test("an event during the back-off makes it run now", async () => {
    const { controller, clock, keys, finish } = createRig();
    controller.start();
    controller.enqueue("a");
    await finish({ kind: "failed", error: new Error("x") });
    controller.enqueue("a");
    expect(keys()).toEqual(["a"]);
    await finish(DONE);
    clock.advance(5000);
    expect(keys()).toEqual([]);
  });

  test("a throw, also a synchronous one, is a failure of that key only", async () => {
    const reconcile: Reconcile = (key) => {
      if (key === "sync") throw new Error("sync");
      return key === "bad" ? Promise.reject(new Error("bad")) : Promise.resolve(DONE);
    };
    const { controller, log, clock } = createRig({ reconcile });
    controller.start();
    for (const key of ["sync", "bad", "good"]) controller.enqueue(key);
    await settle();
    expect(log.sort()).toEqual(["bad failed", "good done", "sync failed"]);
    clock.advance(1000);
    await settle();
    expect(log).toHaveLength(5);
  });
});

describe("limits", () => {
  test("a run that is overdue is told so, and counts as failed whatever it makes of it", async () => {
    const { controller, clock, runs, log, finish } = createRig({ deadlineMs: 1000 });
    controller.start();
    controller.enqueue("a");
    clock.advance(999);
    expect(runs[0]?.signal.aborted).toBe(false);
    clock.advance(1);
    expect(runs[0]?.signal.reason).toEqual(new Error('Cannot reconcile "a": not finished after 1000 ms'));
    await finish({ kind: "terminal", error: new Error("aborted") });
    expect(log).toEqual(["a failed"]);
  });

  test("a run that finished in spite of its deadline has finished", async () => {
    const { controller, clock, log, finish } = createRig({ deadlineMs: 1000 });
    controller.start();
    controller.enqueue("a");
    clock.advance(1000);
    await finish(DONE);
    expect(log).toEqual(["a done"]);
  });

  test("a run that hangs is seen, keeps its key and holds up nobody else", async () => {
    const { controller, clock, keys } = createRig({ deadlineMs: 1000, workers: 2 });
    controller.start();
    controller.enqueue("hangs");
    clock.advance(90_000);
    controller.enqueue("hangs");
    controller.enqueue("b");
    expect(keys()).toEqual(["hangs", "b"]);
    expect(controller.state().longestRunMs).toBe(90_000);
  });

  test("a key that is enqueued without end runs in a burst, then at a steady rate", async () => {
    const reconcile: Reconcile = async (_, { isThrottled }) =>
      isThrottled ? { kind: "terminal", error: "throttled" } : DONE;
    const { controller, clock, log } = createRig({ reconcile, runBudget: { burst: 5, perSecond: 1 } });
    controller.start();
    for (let ms = 0; ms < 20_000; ms += 100) {
      controller.enqueue("a");
      await settle();
      clock.advance(100);
    }
    const runs = log.filter((line) => !line.includes("waits"));
    expect(runs.length).toBeGreaterThanOrEqual(20);
    expect(runs.length).toBeLessThanOrEqual(26);
    expect([runs[0], runs.at(-1)]).toEqual(["a done", "a terminal"]);
    expect(log).toContain("a waits 500");
  });
});

describe("resync", () => {
  test("visits every key again and again, after everything else", async () => {
    const { controller, clock, keys, finish } = createRig({
      keys: () => ["a", "b"],
      resyncMs: 60_000,
      workers: 1,
    });
    controller.start();
    await finish(DONE);
    await finish(DONE);
    clock.advance(60_000);
    controller.enqueue("event");
    expect(keys()).toEqual(["a"]);
    await finish(DONE);
    expect(keys()).toEqual(["event"]);
    await finish(DONE);
    expect(keys()).toEqual(["b"]);
    await finish(DONE);
    clock.advance(60_000);
    expect(keys()).toEqual(["a"]);
  });
});

describe("stop", () => {
  test("begins nothing new and waits for what runs", async () => {
    const { controller, clock, keys, finish } = createRig({ workers: 1 });
    controller.start();
    controller.enqueue("a");
    controller.enqueue("b");
    const stop = controller.stop();
    await settle();
    expect(await Promise.race([stop, Promise.resolve("still waiting")])).toBe("still waiting");
    await finish({ kind: "failed", error: new Error("x") });
    await stop;
    clock.advance(700_000);
    controller.enqueue("c");
    expect(keys()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test("aborts what still runs when its patience is over", async () => {
    const { controller, clock, runs, finish } = createRig();
    controller.start();
    controller.enqueue("a");
    const stop = controller.stop(5000);
    clock.advance(4999);
    expect(runs[0]?.signal.aborted).toBe(false);
    clock.advance(1);
    expect(runs[0]?.signal.aborted).toBe(true);
    await finish({ kind: "failed", error: new Error("aborted") });
    await stop;
  });
});

test("the state tells what waits, what runs and for how long", async () => {
  const { controller, clock, finish } = createRig({ workers: 2, keys: () => ["a"] });
  controller.start();
  clock.advance(1_000);
  for (const key of ["b", "c", "c", "d"]) controller.enqueue(key);
  clock.advance(500);
  expect(controller.state()).toEqual({
    depth: { normal: 2, low: 0 },
    adds: 4,
    delayed: 0,
    running: 2,
    workers: 2,
    unfinishedMs: 2_000,
    longestRunMs: 1_500,
  });
  await finish(DONE);
  expect(controller.state()).toMatchObject({ running: 2, unfinishedMs: 500, adds: 4 });
});

test("a key added while it runs is an add, and its second run is none", async () => {
  const { controller, finish } = createRig({ workers: 1 });
  controller.start();
  for (const key of ["a", "a", "a"]) controller.enqueue(key);
  expect(controller.state().adds).toBe(2);
  await finish(DONE);
  expect(controller.state()).toMatchObject({ running: 1, adds: 2 });
});

test("joined observers are all told, whatever each of them wants to know", async () => {
  const told: string[] = [];
  const observer = joinObservers(
    { started: (key) => told.push(`started ${key}`) },
    { finished: (key, _id, { kind }) => told.push(`finished ${key} ${kind}`) },
    {
      started: (key) => told.push(`also started ${key}`),
      throttled: (key) => told.push(`throttled ${key}`),
    },
  );
  const { controller, finish } = createRig({ observer, runBudget: { burst: 1, perSecond: 1 } });
  controller.start();
  controller.enqueue("a");
  await finish(DONE);
  controller.enqueue("a");
  expect(told).toEqual(["started a", "also started a", "finished a done", "throttled a"]);
});
