/** Turns what the parts of the operator tell and hold into its metrics; those parts know nothing of it. */
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import type {
  Controller,
  ControllerObserver,
  ControllerState,
  Priority,
  ReconcileResult,
} from "#operator/engine/controller.ts";
import type { RequestRecord } from "#operator/kubernetes/transport.ts";
import type { ReconcileObserver } from "#operator/reconcile-observer.ts";
import { summarizeWatches, type WatchState } from "#operator/watch-state.ts";
import type { Watches } from "#operator/watches.ts";
import { createMetricRegistry, type MetricRegistry } from "./registry.ts";
import { describeServices } from "./service-samples.ts";

/** What is looked at for each reading. */
export interface MetricSources {
  readonly controller: Pick<Controller, "state">;
  readonly watches: Pick<Watches, "states" | "services">;
}

export interface OperatorMetrics {
  readonly contentType: string;
  render(): Promise<string>;
  readonly runs: ControllerObserver;
  readonly writes: ReconcileObserver;
  request(record: RequestRecord): void;
  eventLost(): void;
  /** A Service was opened and found good. */
  verified(latencyMs: number): void;
  /** This process leads from now on. */
  lead(): void;
  /** Before, only what is told is there. */
  attach(sources: MetricSources): void;
}

const CONTROLLER = "sseservice";
const LEASE = "sse-operator";
const RUN = { controller: CONTROLLER };
const QUEUE = { name: CONTROLLER, controller: CONTROLLER };
/** As controller-runtime's priority queue numbers them. */
const PRIORITIES: Readonly<Record<Priority, string>> = { normal: "0", low: "-100" };

export function createOperatorMetrics(): OperatorMetrics {
  let sources: MetricSources | undefined;
  let isLeader = false;
  const registry = createMetricRegistry(() => {
    registry.replace("leader_election_master_status", [{ labels: { name: LEASE }, value: isLeader ? 1 : 0 }]);
    if (!sources) return;
    const { controller, watches } = sources;
    readController(registry, controller.state());
    readWatches(registry, watches.states());
    readServices(registry, isLeader ? watches.services() : []);
  });
  beginAtZero(registry);
  return {
    contentType: registry.contentType,
    render: () => registry.render(),
    runs: observeRuns(registry),
    writes: observeWrites(registry),
    request: ({ method, host, status }) =>
      registry.add("rest_client_requests_total", { code: String(status ?? "<error>"), method, host }),
    eventLost: () => registry.add("sse_operator_events_lost_total", {}),
    verified: (latencyMs) => registry.observe("sse_operator_verification_seconds", {}, latencyMs / 1_000),
    lead: () => {
      isLeader = true;
    },
    attach: (given) => {
      sources = given;
    },
  };
}

/** What has not happened yet reads 0, or its first time would be no increase. */
function beginAtZero(registry: MetricRegistry): void {
  for (const result of ["success", "requeue", "requeue_after", "error"]) {
    registry.add("controller_runtime_reconcile_total", { ...RUN, result }, 0);
  }
  registry.add("controller_runtime_reconcile_errors_total", RUN, 0);
  registry.add("controller_runtime_terminal_reconcile_errors_total", RUN, 0);
  registry.add("workqueue_retries_total", QUEUE, 0);
}

const RESULTS: Readonly<Record<ReconcileResult["kind"], string>> = {
  done: "success",
  again: "requeue_after",
  failed: "error",
  terminal: "error",
};

function observeRuns(registry: MetricRegistry): ControllerObserver {
  return {
    started: (_key, _reconcileId, waitedMs) =>
      registry.observe("workqueue_queue_duration_seconds", QUEUE, waitedMs / 1_000),
    finished: (_key, _reconcileId, { kind }, tookMs) => {
      const result = RESULTS[kind];
      registry.add("controller_runtime_reconcile_total", { ...RUN, result });
      if (result === "error") registry.add("controller_runtime_reconcile_errors_total", RUN);
      if (kind === "terminal") registry.add("controller_runtime_terminal_reconcile_errors_total", RUN);
      if (kind === "failed" || kind === "again") registry.add("workqueue_retries_total", QUEUE);
      registry.observe("controller_runtime_reconcile_time_seconds", RUN, tookMs / 1_000);
      registry.observe("workqueue_work_duration_seconds", QUEUE, tookMs / 1_000);
    },
    throttled: () => registry.add("sse_operator_throttled_total", {}),
  };
}

function observeWrites(registry: MetricRegistry): ReconcileObserver {
  const add = (kind: string, reason: string): void =>
    registry.add("sse_operator_writes_total", { kind, reason });
  return {
    executed: (outcomes) => {
      for (const outcome of outcomes) {
        const { kind } = outcome.ref;
        if (outcome.kind === "applied") add(kind, outcome.reason);
        if (outcome.kind === "deleted") add(kind, "deleted");
        if (outcome.kind === "failed") {
          registry.add("sse_operator_write_failures_total", { kind, error: outcome.error.kind });
        }
      }
    },
    statusWritten: () => add("SseService", "status"),
  };
}

function readController(registry: MetricRegistry, state: ControllerState): void {
  const of = <Labels>(labels: Labels, value: number) => [{ labels, value }];
  registry.replace("controller_runtime_max_concurrent_reconciles", of(RUN, state.workers));
  registry.replace("controller_runtime_active_workers", of(RUN, state.running));
  registry.replace("workqueue_adds_total", of(QUEUE, state.adds));
  registry.replace("workqueue_unfinished_work_seconds", of(QUEUE, state.unfinishedMs / 1_000));
  registry.replace("workqueue_longest_running_processor_seconds", of(QUEUE, state.longestRunMs / 1_000));
  registry.replace("workqueue_depth", [
    { labels: { ...QUEUE, priority: PRIORITIES.normal }, value: state.depth.normal },
    { labels: { ...QUEUE, priority: PRIORITIES.low }, value: state.depth.low },
  ]);
}

function readWatches(registry: MetricRegistry, watches: readonly WatchState[]): void {
  const kinds = summarizeWatches(watches);
  const read = (value: (watch: WatchState) => number) =>
    kinds.map((watch) => ({ labels: { kind: watch.kind }, value: value(watch) }));
  registry.replace(
    "sse_operator_watch_synced",
    read(({ synced }) => (synced ? 1 : 0)),
  );
  registry.replace(
    "sse_operator_watch_silence_seconds",
    read(({ silentMs }) => silentMs / 1_000),
  );
  registry.replace(
    "sse_operator_watch_relists_total",
    read(({ relists }) => relists),
  );
  registry.replace(
    "sse_operator_watch_interruptions_total",
    read(({ interruptions }) => interruptions),
  );
  registry.replace(
    "sse_operator_watch_missed_changes_total",
    read(({ missedChanges }) => missedChanges),
  );
}

function readServices(registry: MetricRegistry, services: readonly KubernetesObject[]): void {
  const { conditions, expirations, renewals } = describeServices(services);
  registry.replace("sse_operator_condition", conditions);
  registry.replace("sse_operator_certificate_expiration_timestamp_seconds", expirations);
  registry.replace("sse_operator_certificate_renewal_timestamp_seconds", renewals);
}
