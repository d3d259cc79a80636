/** One SseService, the fake cluster that it lives in, and a reconciler that runs when told to, at the time given. For unit tests. */
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import type { ReconcileResult } from "#operator/engine/controller.ts";
import { createMemories } from "#operator/memories.ts";
import { createReconciler } from "#operator/reconcile.ts";
import type { Http2Verdict } from "#operator/sseservice/conditions/observation.ts";
import type { Condition, SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { createFakeCluster, type FakeCluster } from "#operator/test/fake-cluster.ts";
import { installation, resource } from "#operator/test/fixtures.ts";
import type { Expectation } from "#operator/verification/verifier.ts";
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

/** Who opens the Service, as played. */
interface Opening {
  /** What it came to. */
  verdict: Http2Verdict | undefined;
  /** What the last reconcile told to look for. */
  expected: Expectation | undefined;
}

export interface ReconcileWorld {
  readonly cluster: FakeCluster;
  readonly opening: Opening;
  readonly now: () => Date;
  readonly pass: (ms: number) => void;
  /** Reconciles `shop/demo` once. */
  readonly run: () => Promise<ReconcileResult>;
  /** The keys that a change has asked to reconcile since the last call. */
  readonly takeEnqueued: () => string[];
  /** Applies `shop/demo` as a user would: what is there keeps its uid and status, and takes the next generation. */
  readonly put: (spec?: object, metadata?: object) => void;
  /** Plays the controllers of the cluster: the pods run, and the Service has its address and port. */
  readonly settle: () => void;
  /** Applied, reconciled, running and reconciled again, so that nothing is left to do. */
  readonly bringUp: (spec?: object) => Promise<void>;
  readonly status: () => SseServiceStatus;
  readonly condition: (type: string) => Condition | undefined;
}

export function createReconcileWorld(): ReconcileWorld {
  const cluster = createFakeCluster();
  let now = new Date("2026-01-01T00:00:00Z");
  let enqueued: string[] = [];
  const watches = createWatches({
    cluster,
    namespace: undefined,
    followsNodes: true,
    onChildDeleted: (ref) => memories.forget(ref),
    enqueue: (key) => enqueued.push(key),
    onInterrupted: () => undefined,
    onListenerError: (error) => {
      throw error;
    },
  });
  const memories = createMemories({
    cluster,
    seen: (ref) => watches.child(ref),
    clock: { now: () => now.getTime() },
  });
  watches.start();
  const opening: Opening = {
    verdict: { kind: "verified", finding: "Open", latencyMs: 1 },
    expected: undefined,
  };
  const reconcile = createReconciler({
    cluster,
    watches,
    memories,
    installation,
    stats: () => undefined,
    verifier: createVerifier(opening),
    now: () => now,
  });
  const run = () =>
    reconcile("shop/demo", { signal: new AbortController().signal, reconcileId: "1", isThrottled: false });
  cluster.put(structuredClone(NODE));
  const status = () => cluster.find("SseService", "demo")?.["status"] as SseServiceStatus;
  return {
    cluster,
    opening,
    now: () => now,
    pass: (ms) => {
      now = new Date(now.getTime() + ms);
    },
    run,
    takeEnqueued: () => {
      const taken = enqueued;
      enqueued = [];
      return [...new Set(taken)];
    },
    put: (spec, metadata) => put(cluster, spec, metadata),
    settle: () => settle(cluster),
    bringUp: async (spec) => {
      put(cluster, spec);
      await run();
      settle(cluster);
      await run();
      cluster.takeWrites();
    },
    status,
    condition: (type) => status().conditions?.find((entry) => entry.type === type),
  };
}

function createVerifier(opening: Opening) {
  return {
    expect: (_: string, expectation: Expectation | undefined) => {
      opening.expected = expectation;
    },
    verdict: () => opening.verdict,
  };
}

function put(cluster: FakeCluster, spec: object = {}, metadata: object = {}): void {
  const before = cluster.find("SseService", "demo");
  const { uid, generation = 0 } = before?.metadata ?? {};
  const kept = { ...(uid !== undefined && { uid }), generation: generation + 1 };
  cluster.put({ ...resource(spec, { ...kept, ...metadata }), ...(before && { status: before["status"] }) });
}

function settle(cluster: FakeCluster): void {
  const deployment = cluster.find("Deployment", "demo") as KubernetesObject;
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  cluster.put({ ...deployment, status: { ...counts, observedGeneration: deployment.metadata.generation } });
  const service = cluster.find("Service", "demo") as KubernetesObject;
  const spec = structuredClone(service["spec"]) as { clusterIP?: string; ports: { nodePort?: number }[] };
  spec.clusterIP = "192.0.2.200";
  for (const port of spec.ports) port.nodePort = 30_123;
  cluster.put({ ...service, spec });
}
