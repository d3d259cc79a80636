import { describe, expect, test } from "vitest";
import { newEvent } from "#runtime/test/events.ts";
import { HubWorld } from "#runtime/test/hub-world.ts";
import { createCursor } from "./cursor.ts";
import { storeEvent } from "./event.ts";
import type { RecordingSink } from "#runtime/test/recording-sink.ts";

describe("live", () => {
  test("an event reaches every subscriber of its topic, and nobody else", async () => {
    const world = await HubWorld.open();
    const [a, alsoA, b] = [["a"], ["a"], ["b"]].map((topics) => world.connect({ topics }));
    world.publish("1", "a");
    world.scheduler.settle();
    expect([a?.data, alsoA?.data, b?.data]).toEqual([["1"], ["1"], []]);
    expect(a?.parser.events[0]).toMatchObject({ type: "message", lastEventId: "e.1" });
  });

  test("a fresh subscriber gets nothing of what was before", async () => {
    const world = await HubWorld.open();
    world.publish("before");
    const client = world.connect();
    world.scheduler.settle();
    world.deliver("after");
    expect(client.data).toEqual(["after"]);
  });

  test("what is published in one turn goes out as one write", async () => {
    const world = await HubWorld.open();
    const client = world.connect();
    const opening = client.writes.length;
    for (let index = 0; index < 100; index++) world.publish(`${index}`);
    expect(client.writes).toHaveLength(opening);
    world.scheduler.settle();
    expect(client.writes).toHaveLength(opening + 1);
    expect(client.data).toHaveLength(100);
  });

  test("a subscriber of several topics gets them in the log's order and one write", async () => {
    const world = await HubWorld.open();
    const client = world.connect({ topics: ["a", "b", "quiet"] });
    world.publish("1", "b");
    world.publish("2", "a");
    world.publish("3", "c");
    world.publish("4", "b");
    world.scheduler.settle();
    expect(client.data).toEqual(["1", "2", "4"]);
    expect(client.writes).toHaveLength(2);
  });

  test("a pass yields the event loop, and events that come meanwhile wait for the next one", async () => {
    const world = await HubWorld.open();
    const clients = Array.from({ length: 600 }, () => world.connect());
    world.publish("1");
    world.scheduler.turn();
    const served = clients.filter((client) => client.data.length === 1);
    expect(served).toHaveLength(256);
    world.publish("2");
    const late = world.connect();
    world.scheduler.settle();
    for (const client of clients) expect(client.data).toEqual(["1", "2"]);
    expect(late.data).toEqual([]);
  });

  test("subscribers that leave between slices neither starve nor repeat others", async () => {
    const world = await HubWorld.open();
    const clients = Array.from({ length: 700 }, () => world.connect());
    world.publish("1");
    world.scheduler.turn();
    const leaving = clients.filter((_client, index) => index % 3 === 0 || index > 650);
    for (const client of leaving) client.subscription?.closed("client_closed");
    world.scheduler.settle();
    for (const client of clients.filter((one) => !leaving.includes(one))) expect(client.data).toEqual(["1"]);
  });

  test("a topic whose last subscriber leaves between slices does not hide the next topic", async () => {
    const world = await HubWorld.open();
    const many = Array.from({ length: 300 }, () => world.connect({ topics: ["many"] }));
    const other = world.connect({ topics: ["other"] });
    world.publish("1", "many");
    world.publish("2", "other");
    world.scheduler.turn();
    for (const client of many) client.subscription?.closed("client_closed");
    world.scheduler.settle();
    expect(other.data).toEqual(["2"]);
  });

  test("nothing remains of a topic after its last subscriber", async () => {
    const world = await HubWorld.open();
    const clients = Array.from({ length: 50 }, (_, index) =>
      world.connect({ topics: [`t${index}`, "shared"] }),
    );
    expect(world.hub.stats()).toMatchObject({ connections: 50, topics: 51 });
    for (const client of clients) client.subscription?.closed("client_closed");
    expect(world.hub.stats()).toMatchObject({ connections: 0, topics: 0 });
  });
});

describe("openings", () => {
  test("the first write tells the cursor and a jittered reconnection time", async () => {
    const world = await HubWorld.open();
    world.deliver("1");
    world.scheduler.randomValue = 0;
    expect(world.connect().text).toBe("retry: 1600\nid: e.1\n\n");
    world.scheduler.randomValue = 0.999;
    expect(world.connect().parser.reconnectionTimeMs).toBe(2_399);
  });

  test("hello comes right after it, in the same write, and names the pod", async () => {
    const world = await HubWorld.open();
    const client = world.connect({ hello: true });
    expect(client.writes).toHaveLength(1);
    expect(client.text).toMatch(
      /^retry: \d+\nid: e\.0\n\nevent: hello\ndata: \{"pod":"pod-1","cursor":"e\.0"\}\n\n$/,
    );
  });

  test("a resume gets everything after its cursor, once, and goes live", async () => {
    const world = await HubWorld.open();
    world.deliver("1", "2", "3");
    world.publish("4");
    const client = world.connect({ lastEventId: "e.1" });
    world.deliver("5");
    expect(client.data).toEqual(["2", "3", "4", "5"]);
    expect(world.hub.counters).toMatchObject({ resumed: 1, eventsOut: 4 });
  });

  test("a cursor that cannot be resumed from is told first, and what is held follows", async () => {
    const world = await HubWorld.open({ history: { maxEvents: 2, maxAgeMs: 1_000, maxBytes: 1_000 } });
    world.deliver("1", "2", "3", "4");
    const client = world.connect({ lastEventId: "e.1" });
    expect(client.parser.events.map(({ type, data }) => [type, data])).toEqual([
      ["gap", '{"requested":"e.1","oldest":"e.2","reason":"trimmed"}'],
      ["message", "3"],
      ["message", "4"],
    ]);
    expect(world.hub.counters.gaps).toMatchObject({ trimmed: 1 });
  });
});

describe("back-pressure", () => {
  const kilobyte = "x".repeat(1_000);

  test("a subscriber over its limit is cut when more comes; the others do not notice", async () => {
    const world = await HubWorld.open({ maxBufferedBytes: 10_000 });
    const slow = world.connect({ isBlocked: true });
    const quick = world.connect();
    for (let index = 0; index < 12; index++) world.deliver(kilobyte);
    expect(slow.state).toBe("destroyed");
    expect(quick.data).toHaveLength(12);
    expect(world.hub.counters.ended.slow_subscriber).toBe(1);
    expect(world.hub.stats().connections).toBe(1);
  });

  test("one burst larger than the limit cuts nobody who then reads it", async () => {
    const world = await HubWorld.open({ maxBufferedBytes: 10_000 });
    const client = world.connect({ isBlocked: true });
    world.deliver(...Array.from({ length: 50 }, () => kilobyte));
    client.drain();
    world.deliver("next");
    client.drain();
    expect(client.data).toHaveLength(51);
  });

  test("a backfill waits for its reader and holds up nobody", async () => {
    const world = await HubWorld.open();
    world.deliver(...Array.from({ length: 300 }, () => kilobyte));
    const reader = world.connect({ lastEventId: "e.0", isBlocked: true });
    world.scheduler.settle();
    expect(reader.bufferedBytes).toBeLessThan(80_000);
    world.deliver("live");
    while (reader.bufferedBytes > 0) {
      reader.drain();
      world.scheduler.settle();
    }
    expect(reader.data).toHaveLength(301);
    expect(reader.data.at(-1)).toBe("live");
  });

  test("a reader so slow that the history leaves it behind is told of the gap", async () => {
    const world = await HubWorld.open({
      history: { maxEvents: 100, maxAgeMs: 1_000_000, maxBytes: 1_000_000 },
    });
    world.deliver(...Array.from({ length: 100 }, () => kilobyte));
    const reader = world.connect({ lastEventId: "e.0", isBlocked: true });
    world.deliver(...Array.from({ length: 100 }, (_, index) => `new ${index}`));
    reader.drain();
    world.scheduler.settle();
    reader.drain();
    const gap = reader.parser.events.findIndex((event) => event.type === "gap");
    expect(JSON.parse(reader.data[gap] ?? "")).toMatchObject({ oldest: "e.2s", reason: "trimmed" });
    expect(reader.data.slice(gap + 1)).toEqual(Array.from({ length: 100 }, (_, index) => `new ${index}`));
  });

  test("a backfill that makes no progress is given up", async () => {
    const world = await HubWorld.open();
    world.deliver(...Array.from({ length: 100 }, () => kilobyte));
    const reader = world.connect({ lastEventId: "e.0", isBlocked: true });
    world.scheduler.advance(29_000);
    expect(reader.state).toBe("open");
    world.scheduler.advance(1_000);
    expect(reader.state).toBe("destroyed");
    expect(world.hub.counters.ended.slow_subscriber).toBe(1);
  });
});

describe("time", () => {
  test("a quiet stream gets a heartbeat that moves its cursor past other topics' events", async () => {
    const world = await HubWorld.open({ heartbeatSeconds: 5 });
    const quiet = world.connect({ topics: ["quiet"] });
    world.deliver("1", "2");
    world.scheduler.advance(5_000);
    expect(quiet.parser).toMatchObject({ events: [], lastEventId: "e.2" });
    expect(quiet.writes).toHaveLength(2);
    world.scheduler.advance(10_000);
    expect(quiet.writes).toHaveLength(4);
  });

  test("heartbeats of many streams are spread over the period", async () => {
    const world = await HubWorld.open({ heartbeatSeconds: 5 });
    const clients = Array.from({ length: 50 }, () => world.connect());
    for (let second = 1; second <= 5; second++) {
      world.scheduler.advance(1_000);
      expect(clients.filter((client) => client.writes.length === 2)).toHaveLength(10 * second);
    }
  });

  test("a heartbeat in the middle of a pass moves nobody back", async () => {
    const world = await HubWorld.open({ heartbeatSeconds: 1 });
    const clients = Array.from({ length: 300 }, () => world.connect());
    world.scheduler.advance(1_000);
    world.publish("1");
    world.scheduler.turn();
    const joined = world.connect();
    world.scheduler.advance(1_000);
    for (const client of [...clients, joined])
      expect(cursorsOf(client)).toEqual(cursorsOf(client).toSorted());
  });

  test("a stream ends, with a word of it, at 80 to 100 % of its lifetime", async () => {
    const world = await HubWorld.open({ maxLifetimeMs: 100_000 });
    world.scheduler.randomValue = 0;
    const first = world.connect();
    world.scheduler.randomValue = 0.999;
    const last = world.connect();
    world.scheduler.advance(79_000);
    expect(first.state).toBe("open");
    world.scheduler.advance(1_000);
    expect([first.state, last.state]).toEqual(["ended", "open"]);
    expect(first.parser.comments).toEqual(["end lifetime"]);
    world.scheduler.advance(20_000);
    expect(last.state).toBe("ended");
    expect(world.hub.counters.ended.lifetime).toBe(2);
  });

  test("history ages without traffic", async () => {
    const world = await HubWorld.open({ history: { maxEvents: 10, maxAgeMs: 5_000, maxBytes: 1_000 } });
    world.deliver("1");
    world.scheduler.advance(7_000);
    expect(world.hub.stats().history).toEqual({ events: 0, bytes: 0 });
  });
});

describe("refusals and endings", () => {
  test.each([
    ["not_ready", async () => new HubWorld()],
    ["connection_limit", async () => HubWorld.open({ maxConnections: 0 })],
    [
      "shutdown",
      async () => {
        const world = await HubWorld.open();
        void world.hub.drain(0);
        return world;
      },
    ],
  ] as const)("%s is told as a reconnection time and an end", async (reason, make) => {
    const world = await make();
    const client = world.connect();
    expect(client.subscription).toBeUndefined();
    expect(client.state).toBe("ended");
    expect(client.text).toBe(`retry: 2000\n: end ${reason}\n\n`);
    expect(world.hub.counters.refused[reason]).toBe(1);
    expect(world.hub.stats().connections).toBe(0);
  });

  test.each(["client_closed", "connection_error"] as const)("%s is counted once", async (reason) => {
    const world = await HubWorld.open();
    const client = world.connect();
    client.subscription?.closed(reason);
    client.subscription?.closed(reason);
    world.deliver("1");
    expect(client.data).toEqual([]);
    expect(world.hub.counters.ended[reason]).toBe(1);
  });

  test("a drain ends the streams one after the other over its window, and delivers meanwhile", async () => {
    const world = await HubWorld.open();
    const clients = Array.from({ length: 100 }, () => world.connect());
    const open = (): RecordingSink[] => clients.filter((client) => client.state === "open");
    const drained = world.hub.drain(500);
    world.scheduler.advance(250);
    expect(open()).toHaveLength(50);
    world.deliver("meanwhile");
    for (const client of open()) expect(client.data).toEqual(["meanwhile"]);
    world.scheduler.advance(250);
    await drained;
    expect(open()).toHaveLength(0);
    expect(world.hub.counters.ended.shutdown).toBe(100);
  });

  test("few streams do not take the whole window", async () => {
    const world = await HubWorld.open();
    const clients = [world.connect(), world.connect()];
    const drained = world.hub.drain(60_000);
    world.scheduler.advance(50);
    await drained;
    expect(clients.map((client) => client.parser.comments)).toEqual([["end shutdown"], ["end shutdown"]]);
  });

  test("a closed hub leaves no timer behind", async () => {
    const world = await HubWorld.open();
    await world.hub.close();
    expect(world.scheduler.timerCount).toBe(0);
  });
});

describe("loss", () => {
  test("every open stream is told, after what was still to be delivered, and goes on with the new log", async () => {
    const world = await HubWorld.open();
    const [busy, quiet] = [world.connect(), world.connect({ topics: ["quiet"] })];
    world.publish("1");
    world.backplane.reader?.begin(createCursor("f", 6), "epoch");
    world.backplane.reader?.append([storeEvent(newEvent("2"), createCursor("f", 7), 0)]);
    world.scheduler.settle();
    const gap = '{"requested":"e.1","oldest":"f.6","reason":"epoch"}';
    expect(busy.data).toEqual(["1", gap, "2"]);
    expect(quiet.data).toEqual([gap]);
    expect(quiet.parser.lastEventId).toBe("f.6");
    expect(world.hub.counters.gaps.epoch).toBe(2);
  });

  test("a stream in the middle of its backfill is told where it had got to", async () => {
    const world = await HubWorld.open();
    world.deliver(...Array.from({ length: 100 }, () => "x".repeat(1_000)));
    const client = world.connect({ lastEventId: "e.0", isBlocked: true });
    world.backplane.reader?.begin(createCursor("f", 0), "diverged");
    client.drain();
    world.scheduler.settle();
    client.drain();
    const { requested, oldest } = JSON.parse(client.data.at(-1) ?? "");
    expect(requested).toBe(client.parser.events.at(-2)?.lastEventId);
    expect(oldest).toBe("f.0");
    expect(client.subscription?.state).toBe("live");
  });
});

function cursorsOf(client: RecordingSink): string[] {
  return [...client.text.matchAll(/^id: (.+)$/gm)].map(([, cursor]) => cursor ?? "");
}
