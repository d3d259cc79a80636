import { describe, expect, test } from "vitest";
import { newEvent } from "#runtime/test/events.ts";
import { HubWorld } from "#runtime/test/hub-world.ts";
import { RecordingSink } from "#runtime/test/recording-sink.ts";
import { createCursor } from "./cursor.ts";
import { storeEvent } from "./event.ts";

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

  test("keys that cannot be had are told in the same way", async () => {
    const world = await HubWorld.open();
    const client = new RecordingSink();
    world.hub.refuse(client, "keys_unavailable");
    expect(client.text).toBe("retry: 2000\n: end keys_unavailable\n\n");
    expect(world.hub.counters.refused.keys_unavailable).toBe(1);
  });

  test("a stream ends when its token does, and says so", async () => {
    const world = await HubWorld.open();
    const [short, long] = [world.connect({ permittedMs: 5_000 }), world.connect({ permittedMs: 10 ** 12 })];
    world.scheduler.advance(4_000);
    expect(short.state).toBe("open");
    world.scheduler.advance(1_000);
    expect([short.state, long.state]).toEqual(["ended", "open"]);
    expect(short.text).toMatch(/: end token_expired\n\n$/);
    expect(world.hub.counters.ended).toMatchObject({ token_expired: 1, lifetime: 0 });
    world.scheduler.advance(3_600_000);
    expect(long.text).toMatch(/: end lifetime\n\n$/);
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
