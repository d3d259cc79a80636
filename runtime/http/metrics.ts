/** The hub's counters in Prometheus form. Labels are reasons and outcomes, never a topic. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Hub } from "#runtime/broker/hub.ts";
import type { AppendOutcome, Batch } from "#runtime/broker/backplane.ts";
import type { Scheduler } from "#runtime/broker/scheduler.ts";

export interface Metrics {
  readonly contentType: string;
  readonly render: () => Promise<string>;
  /** Publishes, and counts what became of it. */
  readonly append: (batch: Batch) => Promise<AppendOutcome>;
}

const LATENCY_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

export function createMetrics(hub: Hub, scheduler: Scheduler): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, hub);
  registerCounters(registry, hub);
  const latency = new Histogram({
    name: "sse_publish_duration_seconds",
    help: "From a batch's parsing to the backplane's answer, by outcome.",
    labelNames: ["outcome"],
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  });
  const append = async (batch: Batch): Promise<AppendOutcome> => {
    const startedAt = scheduler.now();
    const outcome = await hub.publish(batch);
    latency.observe({ outcome: outcomeLabel(outcome) }, (scheduler.now() - startedAt) / 1_000);
    return outcome;
  };
  return { contentType: registry.contentType, render: () => registry.metrics(), append };
}

function outcomeLabel(outcome: AppendOutcome): string {
  return outcome.kind === "stored" && outcome.repeated ? "repeated" : outcome.kind;
}

function registerGauges(registry: Registry, hub: Hub): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const metric: Gauge = new Gauge({ name, help, registers: [registry], collect: () => metric.set(read()) });
  };
  gauge("sse_subscribers", "Open event streams.", () => hub.stats().connections);
  gauge("sse_subscribed_topics", "Topics with at least one live subscriber.", () => hub.stats().topics);
  gauge("sse_buffered_bytes", "Bytes that wait for slow subscribers.", () => hub.stats().bufferedBytes);
  gauge("sse_history_events", "Events held for resuming clients.", () => hub.stats().history.events);
  gauge("sse_history_bytes", "Encoded bytes held for resuming clients.", () => hub.stats().history.bytes);
}

function registerCounters(registry: Registry, hub: Hub): void {
  const { counters } = hub;
  const single = (name: string, help: string, read: () => number): void => {
    const metric: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect: () => {
        metric.reset();
        metric.inc(read());
      },
    });
  };
  const byReason = (name: string, help: string, values: Readonly<Record<string, number>>): void => {
    const metric: Counter<"reason"> = new Counter({
      name,
      help,
      labelNames: ["reason"],
      registers: [registry],
      collect: () => {
        metric.reset();
        for (const [reason, value] of Object.entries(values)) metric.inc({ reason }, value);
      },
    });
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
  single("sse_bytes_out_total", "Bytes written to streams.", () => counters.bytesOut);
}
