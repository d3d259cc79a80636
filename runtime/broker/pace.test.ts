import { expect, test } from "vitest";
import { HubWorld } from "#runtime/test/hub-world.ts";
import { createCursor } from "./cursor.ts";
import { Pace } from "./pace.ts";

/** What the next pass has to wait after one that took so long, of which the process ran so long. */
function waitAfter({ tookMs, ranMs }: { tookMs: number; ranMs: number }): { atOnce: number; later: number } {
  let [now, cpu] = [1_000, 70];
  const pace = new Pace({ now: () => now, cpuMs: () => cpu });
  pace.passBegins();
  now += tookMs;
  cpu += ranMs;
  pace.passEnds();
  const atOnce = pace.waitMs();
  now += 5;
  return { atOnce, later: pace.waitMs() };
}

test.each([
  ["that had the core", { tookMs: 40, ranMs: 40 }, { atOnce: 0, later: 0 }],
  ["with threads of its own", { tookMs: 40, ranMs: 60 }, { atOnce: 0, later: 0 }],
  ["that was hardly held up", { tookMs: 40, ranMs: 39.75 }, { atOnce: 0, later: 0 }],
  ["that was held up", { tookMs: 10, ranMs: 4 }, { atOnce: 12, later: 7 }],
  ["that had the core for a moment only", { tookMs: 900, ranMs: 4 }, { atOnce: 20, later: 15 }],
])("after a pass %s", (_, pass, waits) => {
  expect(waitAfter(pass)).toEqual(waits);
});

test("what is published while the readers catch up goes out as one write", async () => {
  const world = await HubWorld.open();
  const client = world.connect();
  world.scheduler.heldUpMs = 4;
  world.deliver("1");
  world.scheduler.heldUpMs = 0;
  const writes = client.writes.length;
  for (const data of ["2", "3", "4"]) world.deliver(data);
  expect(client.data).toEqual(["1"]);
  world.scheduler.advance(8);
  expect(client.data).toEqual(["1", "2", "3", "4"]);
  expect(client.writes).toHaveLength(writes + 1);
});

test("a large burst does not wait", async () => {
  const world = await HubWorld.open();
  const client = world.connect();
  world.scheduler.heldUpMs = 4;
  world.deliver("1");
  world.scheduler.heldUpMs = 0;
  world.deliver("2", "x".repeat(65_000));
  expect(client.data).toEqual(["1"]);
  world.deliver("y".repeat(1_000));
  expect(client.data.map(({ length }) => length)).toEqual([1, 1, 65_000, 1_000]);
});

test("whoever is told of a loss has been given what waited before it", async () => {
  const world = await HubWorld.open();
  const client = world.connect();
  world.scheduler.heldUpMs = 4;
  world.deliver("1");
  world.deliver("2");
  world.backplane.reader?.begin(createCursor("f", 0), "epoch");
  expect(client.parser.events.map(({ type, data }) => (type === "gap" ? type : data))).toEqual([
    "1",
    "2",
    "gap",
  ]);
});
