import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newEvent } from "#runtime/test/events.ts";
import { createCursor } from "./cursor.ts";
import { storeEvent, type StoredEvent, type Topic } from "./event.ts";
import { ReplayLog, type HistoryLimits } from "./replay-log.ts";

const UNBOUNDED = { maxEvents: 1_000_000, maxAgeMs: 1_000_000, maxBytes: 1_000_000_000 };
const { topic: A } = newEvent("", "a");
const { topic: B } = newEvent("", "b");

function logOf(limits: Partial<HistoryLimits> = {}, start = 0): ReplayLog {
  const log = new ReplayLog({ ...UNBOUNDED, ...limits });
  log.begin(createCursor("e", start));
  return log;
}

function append(log: ReplayLog, data: string, topic: Topic = A, atMs = 0, witness = ""): StoredEvent {
  const cursor = createCursor("e", log.last.position + 1, witness);
  const event = storeEvent({ ...newEvent(data), topic }, cursor, atMs);
  log.append(event);
  return event;
}

describe("bounds", () => {
  test("keeps the newest by count", () => {
    const log = logOf({ maxEvents: 2 });
    for (const data of ["1", "2", "3"]) append(log, data);
    expect([...log.events()].map((event) => event.cursor.text)).toEqual(["e.2", "e.3"]);
    expect(log.floor.text).toBe("e.1");
  });

  test("keeps the newest by bytes", () => {
    const size = append(logOf(), "1").block.length;
    const log = logOf({ maxBytes: 2 * size });
    for (const data of ["1", "2", "3"]) append(log, data);
    expect(log).toMatchObject({ size: 2, bytes: 2 * size });
  });

  test("forgets by age, also when nothing is appended", () => {
    const log = logOf({ maxAgeMs: 100 });
    append(log, "1", A, 0);
    append(log, "2", A, 60);
    log.trim(100);
    expect(log.size).toBe(2);
    log.trim(101);
    expect(log.size).toBe(1);
    log.trim(1_000);
    expect(log).toMatchObject({ size: 0, bytes: 0 });
    expect(log.floor).toBe(log.last);
  });

  test("an empty history still knows where it is", () => {
    const log = logOf({ maxEvents: 0 });
    append(log, "1");
    expect(log.size).toBe(0);
    expect(log.find("e.1")).toMatchObject({ kind: "held" });
    expect(log.find("e.0")).toEqual({ kind: "gap", reason: "trimmed" });
  });
});

describe("find", () => {
  const log = logOf({ maxEvents: 3 }, 10);
  for (const data of ["11", "12", "13", "14"]) append(log, data, A, 0, `w${data}`);

  test.each(["e.e-w14", "e.c-w12"])("resumes from %s, which is held", (text) => {
    expect(log.find(text)).toMatchObject({ kind: "held" });
  });

  test("resumes from exactly where the history begins", () => {
    expect(log.find("e.b-w11")).toMatchObject({ kind: "held", cursor: { position: 11 } });
  });

  test.each([
    ["e.a", "trimmed"],
    ["e.f-w15", "ahead"],
    ["e.c-other", "diverged"],
    ["e.c", "diverged"],
    ["f.c-w12", "epoch"],
    ["Invalid cursor!", "malformed"],
    ["", "malformed"],
  ])("%j is a gap: %s", (text, reason) => {
    expect(log.find(text)).toEqual({ kind: "gap", reason });
  });

  test("a floor that does not know its witness goes by its position", () => {
    expect(logOf({}, 10).find("e.a-anything")).toMatchObject({ kind: "held" });
  });
});

describe("page", () => {
  test("holds the topics asked for, in the order of the log", () => {
    const log = logOf();
    append(log, "1", A);
    append(log, "2", B);
    append(log, "3", A);
    const all = [...log.events()].map((event) => event.block.toString());
    expect(log.page(0, [A], 1_000)?.bytes.toString()).toBe(`${all[0]}${all[2]}`);
    expect(log.page(0, [B, A], 1_000)?.bytes.toString()).toBe(all.join(""));
    expect(log.page(1, [B], 1_000)).toMatchObject({ events: 1, upTo: 3 });
  });

  test("ends when it has enough bytes", () => {
    const log = logOf();
    for (const data of ["1", "2", "3"]) append(log, data);
    expect(log.page(0, [A], 1)).toMatchObject({ events: 1, upTo: 1 });
  });

  test("looks at a bounded number of events for a rare topic", () => {
    const log = logOf();
    for (let count = 0; count < 10_001; count++) append(log, "");
    append(log, "rare", B);
    expect(log.page(0, [B], 1_000)).toMatchObject({ events: 0, upTo: 10_000 });
    expect(log.page(10_000, [B], 1_000)).toMatchObject({ events: 1, upTo: 10_002 });
  });

  test("is shared by those who resume together, until something is appended", () => {
    const log = logOf();
    append(log, "1");
    const first = log.page(0, [A], 1_000);
    expect(log.page(0, [A], 1_000)).toBe(first);
    append(log, "2");
    expect(log.page(0, [A], 1_000)).toMatchObject({ events: 2 });
  });

  test("is not there once the history has moved on", () => {
    const log = logOf({ maxEvents: 1 });
    append(log, "1");
    append(log, "2");
    expect(log.page(0, [A], 1_000)).toBeUndefined();
  });

  test("does not outlive its log", () => {
    const log = logOf();
    append(log, "old");
    log.page(0, [A], 1_000);
    log.begin(createCursor("f", 0));
    append(log, "new");
    expect(log.page(0, [A], 1_000)?.bytes.toString()).toContain("new");
  });
});

test("the ring holds what a list would hold, whatever is appended, trimmed and begun", () => {
  const step = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({ kind: fc.constant("append"), count: fc.integer({ min: 1, max: 90 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("age"), count: fc.integer({ min: 1, max: 200 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("begin"), count: fc.nat({ max: 2 ** 33 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat({ max: 300 }), (steps, maxEvents) => {
      const log = logOf({ maxEvents, maxAgeMs: 100 });
      let model: StoredEvent[] = [];
      let now = 0;
      for (const { kind, count } of steps) {
        if (kind === "begin") {
          log.begin(createCursor("e", count));
          model = [];
        } else if (kind === "age") log.trim((now += count));
        else for (let left = count; left > 0; left--) model.push(append(log, `${left}`, A, now));
        model = model.filter((event) => now - event.storedAtMs <= 100);
        model = model.slice(Math.max(0, model.length - maxEvents));
        expect([...log.events()]).toEqual(model);
      }
    }),
    { numRuns: 60 },
  );
});
