import { expect, test } from "vitest";
import { FakeScheduler } from "#runtime/test/fake-scheduler.ts";
import { batchOf, describeBackplane, LogRecorder, store } from "./contract.ts";
import { MemoryBackplane, type MemoryOptions } from "./memory.ts";

function openMemory(options: Partial<MemoryOptions> = {}) {
  const scheduler = new FakeScheduler();
  const history = { maxEvents: 5_000, maxAgeMs: 60_000, maxBytes: 10_000_000 };
  const keys = { maxKeys: 100, maxAgeMs: 1_000 };
  return { scheduler, backplane: new MemoryBackplane({ epoch: "e", history, keys, scheduler, ...options }) };
}

describeBackplane("memory", async () => {
  const { scheduler, backplane } = openMemory();
  return {
    open: async () => backplane,
    forgetKeys: async () => scheduler.advance(1_001),
    stop: () => backplane.close(),
  };
});

test("an idle log ages", async () => {
  const { scheduler, backplane } = openMemory();
  await store(backplane, batchOf("1"));
  scheduler.advance(80_000);
  const reader = new LogRecorder();
  await backplane.follow(reader);
  expect(reader.events).toEqual([]);
  expect(reader.begins).toMatchObject([{ floor: { text: "e.1" } }]);
});

test("a new process is a new epoch", async () => {
  const cursors = await Promise.all(
    ["e1", "e2"].map((epoch) => store(openMemory({ epoch }).backplane, batchOf("1"))),
  );
  expect(cursors.flat().map(({ text }) => text)).toEqual(["e1.1", "e2.1"]);
});

test("a closed backplane leaves no timer behind", async () => {
  const { scheduler, backplane } = openMemory();
  await backplane.close();
  expect(scheduler.timerCount).toBe(0);
});
