import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createManualClock } from "./manual-clock.ts";
import { WorkQueue } from "./work-queue.ts";

function createQueue() {
  const clock = createManualClock();
  let ready = 0;
  const queue = new WorkQueue(clock, () => {
    ready += 1;
  });
  return { clock, queue, readyCalls: () => ready };
}

const takeAll = (queue: WorkQueue) => {
  const keys: string[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) keys.push(item.key);
  return keys;
};

describe("order", () => {
  test("first in, first out, each key once", () => {
    const { queue } = createQueue();
    for (const key of ["a", "b", "a", "c", "b"]) queue.add(key);
    expect(takeAll(queue)).toEqual(["a", "b", "c"]);
  });

  test("normal before low; a low key that is added again as normal moves up and keeps its waiting time", () => {
    const { queue, clock } = createQueue();
    queue.add("low", "low");
    queue.add("promoted", "low");
    clock.advance(5);
    queue.add("normal");
    queue.add("promoted");
    expect(queue.take()).toEqual({ key: "normal", priority: "normal", waitedMs: 0 });
    expect(queue.take()).toEqual({ key: "promoted", priority: "normal", waitedMs: 5 });
    expect(queue.take()).toEqual({ key: "low", priority: "low", waitedMs: 5 });
  });

  test("a normal key that is added again as low stays where it is", () => {
    const { queue } = createQueue();
    queue.add("a");
    queue.add("a", "low");
    expect(queue.take()).toMatchObject({ priority: "normal" });
    expect(queue.take()).toBeUndefined();
  });
});

describe("while a key runs", () => {
  test("adding it gives one more run, after this one", () => {
    const { queue } = createQueue();
    queue.add("a");
    queue.take();
    queue.add("a");
    queue.add("a");
    expect(queue.take()).toBeUndefined();
    queue.done("a");
    expect(takeAll(queue)).toEqual(["a"]);
    queue.done("a");
    expect(queue.take()).toBeUndefined();
  });

  test("the higher priority of what was added counts", () => {
    const { queue } = createQueue();
    queue.add("a");
    queue.take();
    queue.add("a");
    queue.add("a", "low");
    queue.done("a");
    expect(queue.take()).toMatchObject({ priority: "normal" });
  });
});

describe("later", () => {
  test("a delayed key comes when its time has come, and wakes whoever takes", () => {
    const { queue, clock, readyCalls } = createQueue();
    queue.addAfter("a", 100);
    clock.advance(99);
    expect(queue.take()).toBeUndefined();
    expect(readyCalls()).toBe(0);
    clock.advance(1);
    expect(readyCalls()).toBe(1);
    expect(takeAll(queue)).toEqual(["a"]);
  });

  test.each([
    [100, 50],
    [50, 100],
  ])("of two delays (%d and %d) the earlier one counts, once", (first, second) => {
    const { queue, clock } = createQueue();
    queue.addAfter("a", first);
    queue.addAfter("a", second);
    clock.advance(50);
    expect(takeAll(queue)).toEqual(["a"]);
    queue.done("a");
    clock.advance(100);
    expect(queue.take()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test("adding it now makes the delay void", () => {
    const { queue, clock } = createQueue();
    queue.addAfter("a", 100);
    queue.add("a");
    expect(takeAll(queue)).toEqual(["a"]);
    expect(clock.pending).toBe(0);
  });

  test("a delay for a key that waits already is void", () => {
    const { queue, clock } = createQueue();
    queue.add("a");
    queue.addAfter("a", 100);
    expect(clock.pending).toBe(0);
  });

  test("a delay that ends while the key runs gives one more run", () => {
    const { queue, clock } = createQueue();
    queue.add("a");
    queue.take();
    queue.addAfter("a", 10);
    clock.advance(10);
    queue.done("a");
    expect(takeAll(queue)).toEqual(["a"]);
  });
});

test("after close nothing waits and nothing is taken in", () => {
  const { queue, clock } = createQueue();
  queue.add("running");
  queue.take();
  queue.add("running");
  queue.add("waiting");
  queue.addAfter("delayed", 10);
  queue.close();
  queue.add("new");
  queue.addAfter("new", 10);
  queue.done("running");
  clock.advance(100);
  expect(queue.take()).toBeUndefined();
  expect([queue.depth, queue.delayed, clock.pending]).toEqual([{ normal: 0, low: 0 }, 0, 0]);
});

type Step = { kind: "add" | "addLow" | "addAfter" | "take" | "done" | "advance"; key: string; ms: number };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("add", "addLow", "addAfter", "take", "done", "advance"),
  key: fc.constantFrom("a", "b", "c"),
  ms: fc.integer({ min: 0, max: 50 }),
});

test("whatever happens: a key never runs twice at once, and every add is followed by a run that begins after it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { queue, clock } = createQueue();
      const running = new Set<string>();
      /** Keys that were asked for since their last run began. */
      const owed = new Set<string>();
      const take = () => {
        const item = queue.take();
        if (item === undefined) return false;
        expect(running.has(item.key)).toBe(false);
        running.add(item.key);
        owed.delete(item.key);
        return true;
      };
      const finish = (key: string) => {
        if (running.delete(key)) queue.done(key);
      };
      for (const { kind, key, ms } of steps) {
        if (kind === "add" || kind === "addLow") queue.add(key, kind === "add" ? "normal" : "low");
        if (kind === "addAfter") queue.addAfter(key, ms);
        if (kind.startsWith("add")) owed.add(key);
        if (kind === "take") take();
        if (kind === "done") finish(key);
        if (kind === "advance") clock.advance(ms);
      }
      clock.advance(50);
      for (const key of ["a", "b", "c"]) finish(key);
      while (take()) for (const key of running) finish(key);
      expect([...owed]).toEqual([]);
      expect([queue.depth, queue.delayed, clock.pending]).toEqual([{ normal: 0, low: 0 }, 0, 0]);
    }),
  );
});
