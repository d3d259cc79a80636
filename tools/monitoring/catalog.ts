/** Every metric there is, of the runtime, the operator and their processes, with the values that its labels can have. */
import { OPERATOR_METRICS } from "#operator/metrics/definitions.ts";
import { createCounters } from "#runtime/broker/counters.ts";
import { RUNTIME_METRICS } from "#runtime/http/metric-definitions.ts";

export interface Metric {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** Those of the process and of Node.js that say most; both halves have them. */
export const PROCESS_METRICS = {
  nodejs_eventloop_lag_p50_seconds: {
    type: "gauge",
    help: "Event-loop delay, median since the last reading; about 0.01 when idle.",
    labels: [],
  },
  nodejs_eventloop_lag_p99_seconds: {
    type: "gauge",
    help: "Event-loop delay, 99th percentile since the last reading.",
    labels: [],
  },
  nodejs_eventloop_lag_max_seconds: {
    type: "gauge",
    help: "Event-loop delay, longest since the last reading.",
    labels: [],
  },
  nodejs_gc_duration_seconds: {
    type: "histogram",
    help: "Garbage collection, by kind.",
    labels: ["kind"],
  },
  nodejs_heap_size_used_bytes: { type: "gauge", help: "Used JavaScript heap.", labels: [] },
  nodejs_external_memory_bytes: {
    type: "gauge",
    help: "Memory outside the heap, such as buffers.",
    labels: [],
  },
  process_cpu_seconds_total: { type: "counter", help: "Processor time used.", labels: [] },
  process_resident_memory_bytes: { type: "gauge", help: "Resident memory.", labels: [] },
  process_open_fds: { type: "gauge", help: "Open file descriptors.", labels: [] },
} as const satisfies Readonly<Record<string, Metric>>;

export const METRICS: Readonly<Record<string, Metric>> = {
  ...RUNTIME_METRICS,
  ...OPERATOR_METRICS,
  ...PROCESS_METRICS,
};

const { ended, refused, gaps } = createCounters();

/** The closed sets of the runtime's `reason` label. */
export const REASONS: Readonly<Record<string, readonly string[]>> = {
  sse_streams_ended_total: Object.keys(ended),
  sse_streams_refused_total: Object.keys(refused),
  sse_gaps_total: Object.keys(gaps),
};
