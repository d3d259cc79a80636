import { describe, expect, test } from "vitest";
import { HubWorld } from "#runtime/test/hub-world.ts";

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

  test("one who joins in a pass, and takes the place of one who leaves, repeats nothing", async () => {
    const world = await HubWorld.open();
    const clients = Array.from({ length: 300 }, () => world.connect());
    world.publish("1");
    world.scheduler.turn();
    world.publish("2");
    const joined = world.connect();
    clients[0]?.subscription?.closed("client_closed");
    world.scheduler.settle();
    world.deliver("3");
    expect(joined.data).toEqual(["3"]);
  });

  test("clients may leave in any order", async () => {
    const world = await HubWorld.open({ heartbeatSeconds: 1 });
    const clients = Array.from({ length: 6 }, () => world.connect());
    const remaining = new Set(clients);
    for (const index of [0, 5, 4, 1]) {
      const client = clients[index];
      if (client === undefined || !remaining.delete(client)) throw new Error("Cannot leave twice");
      client.subscription?.closed("client_closed");
      const before = [...remaining].map(({ writes }) => writes.length);
      world.scheduler.advance(1_000);
      expect([...remaining].map(({ writes }) => writes.length)).toEqual(before.map((count) => count + 1));
      expect(world.hub.stats().connections).toBe(remaining.size);
    }
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
