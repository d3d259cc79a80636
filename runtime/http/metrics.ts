/** What the hub and its backplane count, in Prometheus form. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AppendOutcome, Backplane, Batch } from "#runtime/broker/backplane.ts";
import type { HubCounters } from "#runtime/broker/counters.ts";
import type { Hub } from "#runtime/broker/hub.ts";
import type { ReadLag } from "#runtime/broker/read-lag.ts";
import type { Scheduler } from "#runtime/broker/scheduler.ts";
import { type MetricDefinition, type MetricName, RUNTIME_METRICS } from "./metric-definitions.ts";

export interface Metrics {
  readonly contentType: string;
  readonly render: () => Promise<string>;
  /** Publishes, and measures it. */
  readonly append: (batch: Batch) => AppendOutcome | Promise<AppendOutcome>;
}

export interface MetricSources {
  readonly hub: Pick<Hub, "counters" | "stats" | "publish">;
  readonly backplane: Pick<Backplane, "health">;
  readonly lag: ReadLag;
  readonly scheduler: Pick<Scheduler, "now">;
}

export function createMetrics(sources: MetricSources): Metrics {
  const { hub, lag, scheduler } = sources;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const latency = createLatency(registry);
  const refreshGauges = registerGauges(registry, () => readGauges(sources));
  const refreshCounters = registerCounters(registry, () => readCounters(hub.counters));
  const observe = (outcome: AppendOutcome, startedAt: number): AppendOutcome => {
    latency.observe({ outcome: outcomeLabel(outcome) }, (scheduler.now() - startedAt) / 1_000);
    const last = outcome.kind === "stored" ? outcome.cursors.at(-1) : undefined;
    if (last !== undefined) lag.stored(last);
    return outcome;
  };
  return {
    contentType: registry.contentType,
    render: () => {
      refreshGauges();
      refreshCounters();
      return registry.metrics();
    },
    append: (batch) => {
      const startedAt = scheduler.now();
      const appended = hub.publish(batch);
      return appended instanceof Promise
        ? appended.then((outcome) => observe(outcome, startedAt))
        : observe(appended, startedAt);
    },
  };
}

function outcomeLabel(outcome: AppendOutcome): string {
  return outcome.kind === "stored" && outcome.repeated ? "repeated" : outcome.kind;
}

function createLatency(registry: Registry): Histogram<"outcome"> {
  const name = "sse_publish_duration_seconds";
  const { help, labels, buckets } = RUNTIME_METRICS[name];
  return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
}

type NamesOf<Type extends "counter" | "gauge"> = {
  [Name in MetricName]: (typeof RUNTIME_METRICS)[Name]["type"] extends Type ? Name : never;
}[MetricName];

type Gauges = Readonly<Record<NamesOf<"gauge">, number>>;
/** Where there is more than one, by reason. */
type Counters = Readonly<Record<NamesOf<"counter">, number | Readonly<Record<string, number>>>>;

function readGauges({ hub, backplane, lag }: MetricSources): Gauges {
  const stats = hub.stats();
  return {
    sse_subscribers: stats.connections,
    sse_subscribed_topics: stats.topics,
    sse_buffered_bytes: stats.bufferedBytes,
    sse_history_events: stats.history.events,
    sse_history_bytes: stats.history.bytes,
    sse_backplane_up: backplane.health().state === "up" ? 1 : 0,
    sse_backplane_lag_seconds: lag.worstMs() / 1_000,
    sse_backplane_unread_events: lag.unreadEvents(),
  };
}

function readCounters(counters: HubCounters): Counters {
  return {
    sse_streams_accepted_total: counters.accepted,
    sse_streams_resumed_total: counters.resumed,
    sse_streams_refused_total: counters.refused,
    sse_streams_ended_total: counters.ended,
    sse_gaps_total: counters.gaps,
    sse_events_in_total: counters.eventsIn,
    sse_bytes_in_total: counters.bytesIn,
    sse_events_out_total: counters.eventsOut,
    sse_bytes_out_total: counters.bytesOut,
  };
}

/** The returned function takes over the current values. */
function registerGauges(registry: Registry, read: () => Gauges): () => void {
  const gauges = new Map(optionsOf("gauge", registry).map((options) => [options.name, new Gauge(options)]));
  return () => {
    for (const [name, value] of Object.entries(read())) gauges.get(name)?.set(value);
  };
}

function registerCounters(registry: Registry, read: () => Counters): () => void {
  const counters = new Map(
    optionsOf("counter", registry).map((options) => [options.name, new Counter(options)]),
  );
  return () => {
    for (const [name, value] of Object.entries(read())) {
      const counter = counters.get(name);
      counter?.reset();
      if (typeof value === "number") counter?.inc(value);
      else for (const [reason, count] of Object.entries(value)) counter?.inc({ reason }, count);
    }
  };
}

function optionsOf(wanted: MetricDefinition["type"], registry: Registry) {
  return Object.entries<MetricDefinition>(RUNTIME_METRICS)
    .filter(([, { type }]) => type === wanted)
    .map(([name, { help, labels }]) => ({ name, help, labelNames: [...labels], registers: [registry] }));
}
