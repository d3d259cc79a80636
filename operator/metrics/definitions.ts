/**
 * Every metric of the operator. Names, labels and buckets of the first part are those of controller-runtime and client-go,
 * so that dashboards and alerts made for them work here. Pure.
 */

export interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1_000];
const QUEUE_LABELS = ["name", "controller"] as const;

export const OPERATOR_METRICS = {
  controller_runtime_reconcile_total: {
    type: "counter",
    help: "Reconciles, by result: success, requeue_after, error; requeue stays 0.",
    labels: ["controller", "result"],
  },
  controller_runtime_reconcile_errors_total: {
    type: "counter",
    help: "Reconciles that failed.",
    labels: ["controller"],
  },
  controller_runtime_terminal_reconcile_errors_total: {
    type: "counter",
    help: "Reconciles that failed in a way that only a change can help.",
    labels: ["controller"],
  },
  controller_runtime_reconcile_time_seconds: {
    type: "histogram",
    help: "How long a reconcile takes.",
    labels: ["controller"],
    buckets: RECONCILE_BUCKETS,
  },
  controller_runtime_max_concurrent_reconciles: {
    type: "gauge",
    help: "Reconciles that may run at once.",
    labels: ["controller"],
  },
  controller_runtime_active_workers: {
    type: "gauge",
    help: "Reconciles that run now.",
    labels: ["controller"],
  },
  workqueue_depth: {
    type: "gauge",
    help: "Services that wait for a reconcile, by priority: 0 after a change, -100 at start and resync.",
    labels: ["name", "controller", "priority"],
  },
  workqueue_adds_total: {
    type: "counter",
    help: "Services added to the queue, without those that waited in it already.",
    labels: QUEUE_LABELS,
  },
  workqueue_queue_duration_seconds: {
    type: "histogram",
    help: "How long a service waits in the queue.",
    labels: QUEUE_LABELS,
    buckets: QUEUE_BUCKETS,
  },
  workqueue_work_duration_seconds: {
    type: "histogram",
    help: "How long the work for a service taken from the queue lasts.",
    labels: QUEUE_LABELS,
    buckets: QUEUE_BUCKETS,
  },
  workqueue_unfinished_work_seconds: {
    type: "gauge",
    help: "How long the reconciles that run now have lasted, together.",
    labels: QUEUE_LABELS,
  },
  workqueue_longest_running_processor_seconds: {
    type: "gauge",
    help: "How long the reconcile that has lasted longest has run.",
    labels: QUEUE_LABELS,
  },
  workqueue_retries_total: {
    type: "counter",
    help: "Services put back to be looked at again later.",
    labels: QUEUE_LABELS,
  },
  rest_client_requests_total: {
    type: "counter",
    help: "Requests to the API server, watches included; the code is <error> when there was no answer.",
    labels: ["code", "method", "host"],
  },
  leader_election_master_status: {
    type: "gauge",
    help: "1 in the replica that leads, 0 in a standby.",
    labels: ["name"],
  },
  sse_operator_writes_total: {
    type: "counter",
    help: "Writes of children and statuses, by kind and by why it was needed.",
    labels: ["kind", "reason"],
  },
  sse_operator_write_failures_total: {
    type: "counter",
    help: "Writes of children that failed, by kind and error.",
    labels: ["kind", "error"],
  },
  sse_operator_throttled_total: {
    type: "counter",
    help: "Changes that had to wait because their service changed too fast.",
    labels: [],
  },
  sse_operator_events_lost_total: {
    type: "counter",
    help: "Kubernetes Events that could not be recorded.",
    labels: [],
  },
  sse_operator_verification_seconds: {
    type: "histogram",
    help: "How long it takes to open a Service over TLS and HTTP/2 until both streams have begun.",
    labels: [],
  },
  sse_operator_watch_synced: {
    type: "gauge",
    help: "1 once everything of the kind has been read.",
    labels: ["kind"],
  },
  sse_operator_watch_silence_seconds: {
    type: "gauge",
    help: "Since the API server was last heard on the kind's watch; a bookmark comes about once a minute.",
    labels: ["kind"],
  },
  sse_operator_watch_relists_total: {
    type: "counter",
    help: "Times that everything of the kind had to be read again.",
    labels: ["kind"],
  },
  sse_operator_watch_interruptions_total: {
    type: "counter",
    help: "Times that the kind's watch broke and came back by itself.",
    labels: ["kind"],
  },
  sse_operator_watch_missed_changes_total: {
    type: "counter",
    help: "Changes that the kind's watch did not tell and a later reading of everything showed.",
    labels: ["kind"],
  },
  sse_operator_condition: {
    type: "gauge",
    help: "1 for the status (True, False or Unknown) that a condition of a service has; only from the leader.",
    labels: ["namespace", "name", "type", "status", "reason"],
  },
  sse_operator_certificate_expiration_timestamp_seconds: {
    type: "gauge",
    help: "When a service's certificate expires, as Unix time; only from the leader.",
    labels: ["namespace", "name"],
  },
  sse_operator_certificate_renewal_timestamp_seconds: {
    type: "gauge",
    help: "When a service's certificate is due to be renewed, as Unix time; only from the leader.",
    labels: ["namespace", "name"],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof OPERATOR_METRICS;
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof OPERATOR_METRICS)[Name]["labels"][number], string>
>;
