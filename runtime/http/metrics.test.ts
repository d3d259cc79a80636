import { beforeEach, expect, test } from "vitest";
import type { Backplane, LogReader } from "#runtime/broker/backplane.ts";
import { createCursor } from "#runtime/broker/cursor.ts";
import { ReadLag } from "#runtime/broker/read-lag.ts";
import { newEvent } from "#runtime/test/events.ts";
import { HubWorld } from "#runtime/test/hub-world.ts";
import { type MetricDefinition, RUNTIME_METRICS } from "./metric-definitions.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

let world: HubWorld;
let metrics: Metrics;

beforeEach(async () => {
  world = await HubWorld.open({ maxConnections: 1 });
  const { hub, backplane, scheduler } = world;
  metrics = createMetrics({ hub, backplane, lag: new ReadLag(scheduler), scheduler });
});

/** The samples of one metric, as they are read. */
async function read(name: string): Promise<string[]> {
  const lines = (await metrics.render()).split("\n");
  return lines.filter((line) => new RegExp(`^${name}[ {]`).test(line));
}

test.each(Object.entries<MetricDefinition>(RUNTIME_METRICS))(
  "%s is rendered as defined",
  async (name, { type, help }) => {
    const text = await metrics.render();
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  },
);

test("every counter and gauge without a label has a value from the start", async () => {
  for (const [name, { type, labels }] of Object.entries<MetricDefinition>(RUNTIME_METRICS)) {
    if (type !== "histogram" && labels.length === 0) expect(await read(name), name).toHaveLength(1);
  }
});

test("reasons that have not occurred yet read 0", async () => {
  expect(await read("sse_streams_ended_total")).toContain('sse_streams_ended_total{reason="lifetime"} 0');
  expect(await read("sse_gaps_total")).toContain('sse_gaps_total{reason="epoch"} 0');
});

test("what happens to streams and events is counted", async () => {
  const first = world.connect();
  world.connect();
  world.deliver("one", "two");
  expect(await read("sse_subscribers")).toEqual(["sse_subscribers 1"]);
  expect(await read("sse_streams_accepted_total")).toEqual(["sse_streams_accepted_total 1"]);
  expect(await read("sse_streams_refused_total")).toContain(
    'sse_streams_refused_total{reason="connection_limit"} 1',
  );
  expect(await read("sse_events_in_total")).toEqual(["sse_events_in_total 2"]);
  expect(await read("sse_events_out_total")).toEqual(["sse_events_out_total 2"]);
  if (first.subscription) world.hub.leave(first.subscription, "client_closed");
  expect(await read("sse_subscribers")).toEqual(["sse_subscribers 0"]);
  expect(await read("sse_streams_ended_total")).toContain(
    'sse_streams_ended_total{reason="client_closed"} 1',
  );
});

test("resumes that the history serves are told apart from gaps", async () => {
  world.deliver("one");
  const cursor = world.hub.stats().cursor;
  const resumed = world.connect({ lastEventId: cursor });
  if (resumed.subscription) world.hub.leave(resumed.subscription, "client_closed");
  world.connect({ lastEventId: "nonsense" });
  expect(await read("sse_streams_resumed_total")).toEqual(["sse_streams_resumed_total 1"]);
  expect(await read("sse_gaps_total")).toContain('sse_gaps_total{reason="malformed"} 1');
});

test("publishing is measured by its outcome", async () => {
  const batch = { events: [newEvent("x")], key: "k" };
  await metrics.append(batch);
  await metrics.append(batch);
  const counts = await read("sse_publish_duration_seconds_count");
  expect(counts).toEqual([
    'sse_publish_duration_seconds_count{outcome="stored"} 1',
    'sse_publish_duration_seconds_count{outcome="repeated"} 1',
  ]);
});

test("what was stored here and not read back is behind", async () => {
  const { hub, backplane, scheduler } = world;
  const lag = new ReadLag(scheduler);
  const measured = createMetrics({ hub, backplane, lag, scheduler });
  let reader: LogReader | undefined;
  await lag.measure(pausedBackplane((given) => (reader = given))).follow({
    begin: () => undefined,
    append: () => undefined,
  });
  reader?.begin(createCursor("e", 0), undefined);
  await measured.append({ events: [newEvent("x"), newEvent("y")], key: undefined });
  expect(await measured.render()).toMatch(/^sse_backplane_unread_events 2$/m);
});

/** A log that hands over nothing by itself. */
function pausedBackplane(onFollow: (reader: LogReader) => void): Backplane {
  return {
    append: async () => ({ kind: "refused", reason: "a test" }),
    follow: async (reader) => onFollow(reader),
    health: () => ({ state: "up", durability: "disk", problems: [] }),
    close: async () => undefined,
  };
}

test("the event loop and the process are measured too", async () => {
  expect(await read("nodejs_eventloop_lag_p99_seconds")).toHaveLength(1);
  expect(await read("process_resident_memory_bytes")).toHaveLength(1);
});
