import { beforeEach, describe, expect, test } from "vitest";
import { FakeScheduler } from "#runtime/test/fake-scheduler.ts";
import { newEvent } from "#runtime/test/events.ts";
import type { Backplane, LogReader } from "./backplane.ts";
import { createCursor } from "./cursor.ts";
import { storeEvent, type StoredEvent } from "./event.ts";
import { ReadLag } from "./read-lag.ts";

const EPOCH = "e";

let scheduler: FakeScheduler;
let lag: ReadLag;
let reader: LogReader;
let told: string[];

/** A log whose history is handed over, and ends, when a test says so. */
let endHistory: () => void;
let followed: Promise<void>;

beforeEach(() => {
  scheduler = new FakeScheduler();
  scheduler.advance(1_000_000);
  lag = new ReadLag(scheduler);
  told = [];
  const history = Promise.withResolvers<void>();
  endHistory = history.resolve;
  const backplane: Backplane = {
    append: async () => ({ kind: "refused", reason: "a test" }),
    follow: (given) => {
      reader = given;
      return history.promise;
    },
    health: () => ({ state: "up", durability: "disk", problems: [] }),
    close: async () => void told.push("close"),
  };
  const measured = lag.measure(backplane);
  followed = measured.follow({
    begin: (floor) => told.push(`begin ${floor.position}`),
    append: (events) => told.push(`append ${events.map(({ cursor }) => cursor.position).join(" ")}`),
  });
  reader.begin(createCursor(EPOCH, 0), undefined);
});

async function goLive(): Promise<void> {
  endHistory();
  await followed;
}

/** An event that was stored so long ago. */
function event(position: number, ageMs: number): StoredEvent {
  return storeEvent(newEvent("x"), createCursor(EPOCH, position), scheduler.now() - ageMs);
}

test("the reader is told everything as it is", async () => {
  reader.append([event(1, 5), event(2, 5)]);
  await goLive();
  reader.append([event(3, 5)]);
  reader.begin(createCursor(EPOCH, 9), "trimmed");
  expect(told).toEqual(["begin 0", "append 1 2", "append 3", "begin 9"]);
});

describe("the time behind", () => {
  test("is the longest of what was read, of a batch its first event's", async () => {
    await goLive();
    reader.append([event(1, 70), event(2, 3)]);
    reader.append([event(3, 40)]);
    expect(lag.worstMs()).toBe(70);
  });

  test("is not that of the history read at the start", async () => {
    reader.append([event(1, 3_600_000)]);
    await goLive();
    expect(lag.worstMs()).toBe(0);
  });

  test("is told for the window that it fell into and the next, and then forgotten", async () => {
    await goLive();
    reader.append([event(1, 70)]);
    scheduler.advance(29_999);
    reader.append([event(2, 5)]);
    expect(lag.worstMs()).toBe(70);
    scheduler.advance(29_999);
    expect(lag.worstMs()).toBe(70);
    scheduler.advance(2);
    expect(lag.worstMs()).toBe(0);
  });

  test("is forgotten after a long silence too", async () => {
    await goLive();
    reader.append([event(1, 70)]);
    scheduler.advance(600_000);
    expect(lag.worstMs()).toBe(0);
  });
});

describe("the events behind", () => {
  test("are those stored by this pod that have not come back", () => {
    lag.stored(createCursor(EPOCH, 5));
    lag.stored(createCursor(EPOCH, 3));
    expect(lag.unreadEvents()).toBe(5);
    reader.append([event(1, 0), event(2, 0)]);
    expect(lag.unreadEvents()).toBe(3);
    reader.append([event(6, 0)]);
    expect(lag.unreadEvents()).toBe(0);
  });

  test("are none when they were lost: a log that was rolled back goes on from its floor", () => {
    lag.stored(createCursor(EPOCH, 5));
    reader.begin(createCursor(EPOCH, 2), "ahead");
    expect(lag.unreadEvents()).toBe(0);
    lag.stored(createCursor(EPOCH, 3));
    expect(lag.unreadEvents()).toBe(1);
  });

  test("are none when the log is another one by now", () => {
    lag.stored(createCursor(EPOCH, 5));
    reader.begin(createCursor("f", 0), "epoch");
    expect(lag.unreadEvents()).toBe(0);
    lag.stored(createCursor("f", 2));
    expect(lag.unreadEvents()).toBe(2);
  });
});
