import { describe, expect, test } from "vitest";
import { HubWorld } from "#runtime/test/hub-world.ts";
import type { RecordingSink } from "#runtime/test/recording-sink.ts";

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

  test("a reader that leaves in the middle of its backfill is gone for good", async () => {
    const world = await HubWorld.open();
    world.deliver(...Array.from({ length: 300 }, () => kilobyte));
    const reader = world.connect({ lastEventId: "e.0" });
    reader.subscription?.closed("client_closed");
    world.scheduler.settle();
    expect(world.hub.stats()).toMatchObject({ connections: 0, topics: 0 });
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

function cursorsOf(client: RecordingSink): string[] {
  return [...client.text.matchAll(/^id: (.+)$/gm)].map(([, cursor]) => cursor ?? "");
}
