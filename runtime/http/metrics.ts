/** The hub's counters in Prometheus form. Labels are reasons and outcomes, never a topic. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AppendOutcome, Backplane, Batch } from "#runtime/broker/backplane.ts";
import type { Hub } from "#runtime/broker/hub.ts";
import type { Scheduler } from "#runtime/broker/scheduler.ts";

export interface Metrics {
  readonly contentType: string;
  readonly render: () => Promise<string>;
  /** Publishes, and measures it. */
  readonly append: (batch: Batch) => Promise<AppendOutcome>;
}

const LATENCY_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

export function createMetrics(hub: Hub, backplane: Backplane, scheduler: Scheduler): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const latency = createLatency(registry);
  const refreshGauges = registerGauges(registry, hub, backplane);
  const refreshCounters = registerCounters(registry, hub);
  return {
    contentType: registry.contentType,
    render: () => {
      refreshGauges();
      refreshCounters();
      return registry.metrics();
    },
    append: async (batch) => {
      const startedAt = scheduler.now();
      const outcome = await hub.publish(batch);
      latency.observe({ outcome: outcomeLabel(outcome) }, (scheduler.now() - startedAt) / 1_000);
      return outcome;
    },
  };
}

function outcomeLabel(outcome: AppendOutcome): string {
  return outcome.kind === "stored" && outcome.repeated ? "repeated" : outcome.kind;
}

function createLatency(registry: Registry): Histogram<"outcome"> {
  return new Histogram({
    name: "sse_publish_duration_seconds",
    help: "The backplane's time to answer a batch, by outcome.",
    labelNames: ["outcome"],
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  });
}

/** The returned function reads the current values. */
function registerGauges(registry: Registry, hub: Hub, backplane: Backplane): () => void {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [registry] });
  const subscribers = gauge("sse_subscribers", "Open event streams.");
  const topics = gauge("sse_subscribed_topics", "Topics with at least one live subscriber.");
  const buffered = gauge("sse_buffered_bytes", "Bytes that wait for slow subscribers.");
  const events = gauge("sse_history_events", "Events held for resuming clients.");
  const bytes = gauge("sse_history_bytes", "Encoded bytes held for resuming clients.");
  const isUp = gauge("sse_backplane_up", "1 while the backplane can be reached.");
  return () => {
    const stats = hub.stats();
    subscribers.set(stats.connections);
    topics.set(stats.topics);
    buffered.set(stats.bufferedBytes);
    events.set(stats.history.events);
    bytes.set(stats.history.bytes);
    isUp.set(backplane.health().state === "up" ? 1 : 0);
  };
}

/** The returned function copies the hub's counters. */
function registerCounters(registry: Registry, { counters }: Hub): () => void {
  const refreshers: (() => void)[] = [];
  const single = (name: string, help: string, read: () => number): void => {
    const counter = new Counter({ name, help, registers: [registry] });
    refreshers.push(() => copy(counter, [[{}, read()]]));
  };
  const byReason = (name: string, help: string, values: Readonly<Record<string, number>>): void => {
    const counter = new Counter({ name, help, labelNames: ["reason"], registers: [registry] });
    refreshers.push(() =>
      copy(
        counter,
        Object.entries(values).map(([reason, value]) => [{ reason }, value]),
      ),
    );
  };
  single("sse_streams_accepted_total", "Streams begun.", () => counters.accepted);
  single(
    "sse_streams_resumed_total",
    "Streams that resumed from a cursor without a gap.",
    () => counters.resumed,
  );
  byReason("sse_streams_refused_total", "Streams told to come back later, by reason.", counters.refused);
  byReason("sse_streams_ended_total", "Streams ended, by reason.", counters.ended);
  byReason("sse_gaps_total", "Gaps told to streams, by reason.", counters.gaps);
  single("sse_events_in_total", "Events read from the log.", () => counters.eventsIn);
  single("sse_bytes_in_total", "Encoded bytes read from the log.", () => counters.bytesIn);
  single("sse_events_out_total", "Events written to streams.", () => counters.eventsOut);
  single("sse_bytes_out_total", "Bytes written to streams, without openings.", () => counters.bytesOut);
  return () => refreshers.forEach((refresh) => refresh());
}

function copy(counter: Counter, values: readonly (readonly [Record<string, string>, number])[]): void {
  counter.reset();
  for (const [labels, value] of values) counter.inc(labels, value);
}
