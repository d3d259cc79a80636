/** One SseService, the fake cluster that it lives in, and a reconciler that runs when told to, at the time given. For unit tests. */
import { createAppliedMemo } from "#operator/engine/applied-memo.ts";
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import type { ReconcileResult } from "#operator/engine/controller.ts";
import { createOwnSecrets } from "#operator/own-secrets.ts";
import { createReconciler } from "#operator/reconcile.ts";
import type { Condition, SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { createFakeCluster, type FakeCluster } from "#operator/test/fake-cluster.ts";
import { installation, resource } from "#operator/test/fixtures.ts";
import { createWatches } from "#operator/watches.ts";

export const NODE = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node1" },
  status: {
    addresses: [{ type: "InternalIP", address: "192.0.2.1" }],
    conditions: [{ type: "Ready", status: "True" }],
  },
};

export interface ReconcileWorld {
  readonly cluster: FakeCluster;
  readonly now: () => Date;
  readonly pass: (ms: number) => void;
  /** Reconciles `shop/demo` once. */
  readonly run: () => Promise<ReconcileResult>;
  /** The keys that a change has asked to reconcile since the last call. */
  readonly takeEnqueued: () => string[];
  /** Applies `shop/demo` as a user would. */
  readonly put: (spec?: object, metadata?: object) => void;
  /** Plays the controllers of the cluster: the pods run, and the Service has its port. */
  readonly settle: () => void;
  readonly status: () => SseServiceStatus;
  readonly condition: (type: string) => Condition | undefined;
}

export function createReconcileWorld(): ReconcileWorld {
  const cluster = createFakeCluster();
  let now = new Date("2026-01-01T00:00:00Z");
  let enqueued: string[] = [];
  const memo = createAppliedMemo({ fieldManager: "sse-operator", now: () => now.getTime() });
  const watches = createWatches({
    cluster,
    namespace: undefined,
    followsNodes: true,
    onChildDeleted: (ref) => {
      memo.forget(ref);
      secrets.forget(ref);
    },
    enqueue: (key) => enqueued.push(key),
    onInterrupted: () => undefined,
    onListenerError: (error) => {
      throw error;
    },
  });
  const secrets = createOwnSecrets({ cluster, seen: (ref) => watches.child(ref) });
  watches.start();
  const stats = () => undefined;
  const reconcile = createReconciler({
    cluster,
    secrets,
    watches,
    memo,
    installation,
    stats,
    now: () => now,
  });
  cluster.put(structuredClone(NODE));
  const status = () => cluster.find("SseService", "demo")?.["status"] as SseServiceStatus;
  return {
    cluster,
    now: () => now,
    pass: (ms) => {
      now = new Date(now.getTime() + ms);
    },
    run: () =>
      reconcile("shop/demo", { signal: new AbortController().signal, reconcileId: "1", isThrottled: false }),
    takeEnqueued: () => {
      const taken = enqueued;
      enqueued = [];
      return [...new Set(taken)];
    },
    put: (spec = {}, metadata = {}) => {
      cluster.put(resource(spec, metadata));
    },
    settle: () => settle(cluster),
    status,
    condition: (type) => status().conditions?.find((entry) => entry.type === type),
  };
}

function settle(cluster: FakeCluster): void {
  const deployment = cluster.find("Deployment", "demo") as KubernetesObject;
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  cluster.put({ ...deployment, status: { ...counts, observedGeneration: deployment.metadata.generation } });
  const service = cluster.find("Service", "demo") as KubernetesObject;
  const spec = structuredClone(service["spec"]) as { ports: { nodePort?: number }[] };
  for (const port of spec.ports) port.nodePort = 30_123;
  cluster.put({ ...service, spec });
}
