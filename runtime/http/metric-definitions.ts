/** Every metric of the runtime but those of Node.js and its process. Labels are reasons and outcomes, never a topic. Pure. */

export interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

export const RUNTIME_METRICS = {
  sse_subscribers: { type: "gauge", help: "Open event streams.", labels: [] },
  sse_subscribed_topics: {
    type: "gauge",
    help: "Topics with at least one live subscriber.",
    labels: [],
  },
  sse_streams_accepted_total: { type: "counter", help: "Streams begun.", labels: [] },
  sse_streams_resumed_total: {
    type: "counter",
    help: "Streams that resumed from a cursor without a gap: hits of the history.",
    labels: [],
  },
  sse_streams_refused_total: {
    type: "counter",
    help: "Streams told to come back later, by reason.",
    labels: ["reason"],
  },
  sse_streams_ended_total: { type: "counter", help: "Streams ended, by reason.", labels: ["reason"] },
  sse_gaps_total: {
    type: "counter",
    help: "Gaps told to streams, by reason: misses of the history.",
    labels: ["reason"],
  },
  sse_events_in_total: { type: "counter", help: "Events read from the log.", labels: [] },
  sse_bytes_in_total: { type: "counter", help: "Encoded bytes read from the log.", labels: [] },
  sse_events_out_total: {
    type: "counter",
    help: "Events written to streams: one event to ten streams counts ten.",
    labels: [],
  },
  sse_bytes_out_total: {
    type: "counter",
    help: "Bytes written to streams, without their openings.",
    labels: [],
  },
  sse_publish_duration_seconds: {
    type: "histogram",
    help: "The backplane's time to answer a batch, by outcome.",
    labels: ["outcome"],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  sse_buffered_bytes: { type: "gauge", help: "Bytes that wait for slow subscribers.", labels: [] },
  sse_history_events: { type: "gauge", help: "Events held for resuming clients.", labels: [] },
  sse_history_bytes: { type: "gauge", help: "Encoded bytes held for resuming clients.", labels: [] },
  sse_backplane_up: { type: "gauge", help: "1 while the backplane can be reached.", labels: [] },
  sse_backplane_lag_seconds: {
    type: "gauge",
    help: "From an event's storing to its reading by this pod: the longest of the last half to whole minute.",
    labels: [],
  },
  sse_backplane_unread_events: {
    type: "gauge",
    help: "Events that were stored through this pod and that it has not read back.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof RUNTIME_METRICS;
