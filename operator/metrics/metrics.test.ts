import { beforeEach, describe, expect, test } from "vitest";
import { ClusterError, type KubernetesObject } from "#operator/engine/cluster.ts";
import type { ControllerState, ReconcileResult } from "#operator/engine/controller.ts";
import { resource } from "#operator/test/fixtures.ts";
import type { WatchState } from "#operator/watch-state.ts";
import { type MetricDefinition, OPERATOR_METRICS } from "./definitions.ts";
import { createOperatorMetrics, type OperatorMetrics } from "./metrics.ts";

const idle: ControllerState = {
  depth: { normal: 0, low: 0 },
  adds: 0,
  delayed: 0,
  running: 0,
  workers: 4,
  unfinishedMs: 0,
  longestRunMs: 0,
};

let metrics: OperatorMetrics;
let state: ControllerState;
let watches: WatchState[];
let services: KubernetesObject[];

beforeEach(() => {
  metrics = createOperatorMetrics();
  [state, watches, services] = [idle, [], []];
  metrics.attach({
    controller: { state: () => state },
    watches: { states: () => watches, services: () => services },
  });
});

/** The samples of one metric, as they are read, without those of buckets. */
async function read(name: string): Promise<string[]> {
  const lines = (await metrics.render()).split("\n");
  return lines.filter((line) => new RegExp(`^${name}(_sum|_count)?[ {]`).test(line));
}

const run = (result: ReconcileResult, tookMs = 0) => metrics.runs.finished?.("a/b", "1", result, tookMs);

describe("what controller-runtime and client-go define", () => {
  const queue = ["name", "controller"];
  /** From controller-runtime's pkg/internal/controller/metrics and pkg/metrics. */
  test.each([
    ["controller_runtime_reconcile_total", ["controller", "result"]],
    ["controller_runtime_reconcile_errors_total", ["controller"]],
    ["controller_runtime_terminal_reconcile_errors_total", ["controller"]],
    ["controller_runtime_reconcile_time_seconds", ["controller"]],
    ["controller_runtime_max_concurrent_reconciles", ["controller"]],
    ["controller_runtime_active_workers", ["controller"]],
    ["workqueue_depth", [...queue, "priority"]],
    ["workqueue_adds_total", queue],
    ["workqueue_queue_duration_seconds", queue],
    ["workqueue_work_duration_seconds", queue],
    ["workqueue_unfinished_work_seconds", queue],
    ["workqueue_longest_running_processor_seconds", queue],
    ["workqueue_retries_total", queue],
    ["rest_client_requests_total", ["code", "method", "host"]],
    ["leader_election_master_status", ["name"]],
  ])("%s has the same labels", (name, labels) => {
    const definitions: Readonly<Record<string, MetricDefinition>> = OPERATOR_METRICS;
    expect(definitions[name]?.labels).toEqual(labels);
  });

  test("queue times have ten times wider buckets each, from ten nanoseconds on", () => {
    const { buckets } = OPERATOR_METRICS.workqueue_queue_duration_seconds;
    expect(buckets.map((bucket) => Math.round(Math.log10(bucket)))).toEqual([
      -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3,
    ]);
    expect(OPERATOR_METRICS.controller_runtime_reconcile_time_seconds.buckets).toHaveLength(40);
  });
});

describe("runs", () => {
  test("are counted by result, from 0 on", async () => {
    expect(await read("controller_runtime_reconcile_total")).toHaveLength(4);
    run({ kind: "done" });
    run({ kind: "again", afterMs: 1 });
    run({ kind: "failed", error: new Error("x") });
    run({ kind: "terminal", error: new Error("x") });
    expect(await read("controller_runtime_reconcile_total")).toEqual([
      'controller_runtime_reconcile_total{controller="sseservice",result="success"} 1',
      'controller_runtime_reconcile_total{controller="sseservice",result="requeue"} 0',
      'controller_runtime_reconcile_total{controller="sseservice",result="requeue_after"} 1',
      'controller_runtime_reconcile_total{controller="sseservice",result="error"} 2',
    ]);
    expect(await read("controller_runtime_reconcile_errors_total")).toEqual([
      'controller_runtime_reconcile_errors_total{controller="sseservice"} 2',
    ]);
    expect(await read("controller_runtime_terminal_reconcile_errors_total")).toEqual([
      'controller_runtime_terminal_reconcile_errors_total{controller="sseservice"} 1',
    ]);
    expect(await read("workqueue_retries_total")).toEqual([
      'workqueue_retries_total{name="sseservice",controller="sseservice"} 2',
    ]);
  });

  test("are measured in seconds: waiting and working", async () => {
    metrics.runs.started?.("a/b", "1", 250);
    run({ kind: "done" }, 1_500);
    expect(await read("workqueue_queue_duration_seconds")).toEqual([
      'workqueue_queue_duration_seconds_sum{name="sseservice",controller="sseservice"} 0.25',
      'workqueue_queue_duration_seconds_count{name="sseservice",controller="sseservice"} 1',
    ]);
    expect(await read("controller_runtime_reconcile_time_seconds")).toEqual([
      'controller_runtime_reconcile_time_seconds_sum{controller="sseservice"} 1.5',
      'controller_runtime_reconcile_time_seconds_count{controller="sseservice"} 1',
    ]);
    expect(await read("workqueue_work_duration_seconds")).toHaveLength(2);
  });

  test("that wait or last are read from the controller", async () => {
    state = {
      ...idle,
      depth: { normal: 3, low: 7 },
      adds: 12,
      running: 2,
      unfinishedMs: 2_500,
      longestRunMs: 1_500,
    };
    const labels = 'name="sseservice",controller="sseservice"';
    expect(await read("workqueue_depth")).toEqual([
      `workqueue_depth{${labels},priority="0"} 3`,
      `workqueue_depth{${labels},priority="-100"} 7`,
    ]);
    expect(await read("workqueue_adds_total")).toEqual([`workqueue_adds_total{${labels}} 12`]);
    expect(await read("workqueue_unfinished_work_seconds")).toEqual([
      `workqueue_unfinished_work_seconds{${labels}} 2.5`,
    ]);
    expect(await read("workqueue_longest_running_processor_seconds")).toEqual([
      `workqueue_longest_running_processor_seconds{${labels}} 1.5`,
    ]);
    expect(await read("controller_runtime_active_workers")).toEqual([
      'controller_runtime_active_workers{controller="sseservice"} 2',
    ]);
    expect(await read("controller_runtime_max_concurrent_reconciles")).toEqual([
      'controller_runtime_max_concurrent_reconciles{controller="sseservice"} 4',
    ]);
  });
});

test("writes are counted by kind and reason, failures by kind and error", async () => {
  const ref = { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "demo-tls" };
  const object = { apiVersion: "v1", kind: "Secret", metadata: { name: "demo-tls" } };
  metrics.writes.executed?.([
    { kind: "applied", ref, reason: "missing", object },
    { kind: "applied", ref, reason: "ownedFieldsChanged", object },
    { kind: "deleted", ref },
    { kind: "refused", ref, controller: undefined },
    { kind: "failed", ref, during: "apply", error: new ClusterError("Forbidden", "no") },
  ]);
  metrics.writes.statusWritten?.();
  expect(await read("sse_operator_writes_total")).toEqual([
    'sse_operator_writes_total{kind="Secret",reason="missing"} 1',
    'sse_operator_writes_total{kind="Secret",reason="ownedFieldsChanged"} 1',
    'sse_operator_writes_total{kind="Secret",reason="deleted"} 1',
    'sse_operator_writes_total{kind="SseService",reason="status"} 1',
  ]);
  expect(await read("sse_operator_write_failures_total")).toEqual([
    'sse_operator_write_failures_total{kind="Secret",error="Forbidden"} 1',
  ]);
});

test("requests are counted as client-go counts them", async () => {
  metrics.request({ method: "GET", host: "10.0.0.1:443", status: 200 });
  metrics.request({ method: "PATCH", host: "10.0.0.1:443", status: undefined });
  expect(await read("rest_client_requests_total")).toEqual([
    'rest_client_requests_total{code="200",method="GET",host="10.0.0.1:443"} 1',
    'rest_client_requests_total{code="<error>",method="PATCH",host="10.0.0.1:443"} 1',
  ]);
});

test("changes that come too fast and Events that are lost are counted", async () => {
  metrics.runs.throttled?.("a/b", 100);
  metrics.eventLost();
  expect(await read("sse_operator_throttled_total")).toEqual(["sse_operator_throttled_total 1"]);
  expect(await read("sse_operator_events_lost_total")).toEqual(["sse_operator_events_lost_total 1"]);
});

test("a Service that is found good is measured in seconds", async () => {
  metrics.verified(40);
  metrics.verified(2_000);
  expect(await read("sse_operator_verification_seconds")).toEqual([
    "sse_operator_verification_seconds_sum 2.04",
    "sse_operator_verification_seconds_count 2",
  ]);
});

test("several watches of a kind tell together how they are: the worst, and the sums", async () => {
  const watch = { kind: "Secret", stuckMs: 0, missedChanges: 0, interruptions: 0 };
  watches = [
    { ...watch, synced: true, silentMs: 9_000, relists: 2 },
    { ...watch, synced: false, silentMs: 1_000, relists: 3 },
  ];
  expect(await read("sse_operator_watch_synced")).toEqual(['sse_operator_watch_synced{kind="Secret"} 0']);
  expect(await read("sse_operator_watch_silence_seconds")).toEqual([
    'sse_operator_watch_silence_seconds{kind="Secret"} 9',
  ]);
  expect(await read("sse_operator_watch_relists_total")).toEqual([
    'sse_operator_watch_relists_total{kind="Secret"} 5',
  ]);
});

test("each watch tells how it is", async () => {
  watches = [
    {
      kind: "Pod",
      synced: true,
      silentMs: 1_500,
      stuckMs: 0,
      relists: 2,
      interruptions: 3,
      missedChanges: 5,
    },
  ];
  const values = await Promise.all(
    ["synced", "silence_seconds", "relists_total", "interruptions_total", "missed_changes_total"].map(
      async (name) =>
        (await read(`sse_operator_watch_${name}`)).map((line) => line.replace(/^.*_watch_/, "")),
    ),
  );
  expect(values.flat()).toEqual([
    'synced{kind="Pod"} 1',
    'silence_seconds{kind="Pod"} 1.5',
    'relists_total{kind="Pod"} 2',
    'interruptions_total{kind="Pod"} 3',
    'missed_changes_total{kind="Pod"} 5',
  ]);
});

describe("of the services, the leader tells", () => {
  const condition = {
    type: "Ready",
    status: "False",
    observedGeneration: 1,
    lastTransitionTime: "2026-01-01T00:00:00Z",
    reason: "PodsNotReady",
    message: "0 of 1",
  };
  const certificate = {
    notAfter: "2026-03-01T00:00:00Z",
    renewalTime: "2026-02-01T00:00:00Z",
    caFingerprint: "AB",
  };

  beforeEach(() => {
    services = [{ ...resource(), status: { conditions: [condition], certificate } }];
  });

  test("every condition and when its certificate expires and is renewed", async () => {
    metrics.lead();
    expect(await read("sse_operator_condition")).toEqual([
      'sse_operator_condition{namespace="shop",name="demo",type="Ready",status="False",reason="PodsNotReady"} 1',
    ]);
    const [expires] = await read("sse_operator_certificate_expiration_timestamp_seconds");
    const [renews] = await read("sse_operator_certificate_renewal_timestamp_seconds");
    expect(expires).toContain(`{namespace="shop",name="demo"} ${Date.UTC(2026, 2, 1) / 1_000}`);
    expect(renews).toContain(` ${Date.UTC(2026, 1, 1) / 1_000}`);
  });

  test("nothing any more of one that is gone", async () => {
    metrics.lead();
    await metrics.render();
    services = [];
    expect(await read("sse_operator_condition")).toEqual([]);
  });

  test("and a standby does not, so that nothing counts twice", async () => {
    expect(await read("sse_operator_condition")).toEqual([]);
    expect(await read("leader_election_master_status")).toEqual([
      'leader_election_master_status{name="sse-operator"} 0',
    ]);
    metrics.lead();
    expect(await read("leader_election_master_status")).toEqual([
      'leader_election_master_status{name="sse-operator"} 1',
    ]);
  });
});
