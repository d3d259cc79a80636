import { expect, test } from "vitest";
import type { Cluster, KubernetesObject, ObjectQuery } from "./engine/cluster.ts";
import { createFakeCluster } from "./test/fake-cluster.ts";
import { resource } from "./test/fixtures.ts";
import { NODE } from "./test/reconcile-world.ts";
import { createWatches } from "./watches.ts";

const secret = (name: string) => ({ kind: "Secret", name }) as const;

function follow(cluster: Pick<Cluster, "watch">, enqueue: (key: string) => void = () => undefined) {
  return createWatches({
    cluster,
    namespace: undefined,
    followsNodes: true,
    onChildDeleted: () => undefined,
    enqueue,
    onInterrupted: () => undefined,
    onListenerError: () => undefined,
  });
}

test("the states are those of every watch, of what services name too, while they do", () => {
  const watches = follow(createFakeCluster());
  const kinds = () => watches.states().map(({ kind }) => kind);
  const count = (kind: string) => kinds().filter((each) => each === kind).length;
  expect(kinds()).toEqual([]);
  watches.start();
  expect(kinds()).toEqual(expect.arrayContaining(["SseService", "Deployment", "Pod", "Node"]));
  expect(count("Secret")).toBe(1);
  const [one, two, map] = [secret("one"), secret("two"), { kind: "ConfigMap", name: "two" } as const];
  watches.followForeign("shop/demo", [one, two, map, two]);
  expect([count("Secret"), count("ConfigMap")]).toEqual([3, 2]);
  watches.followForeign("shop/demo", [two]);
  expect([count("Secret"), count("ConfigMap")]).toEqual([2, 1]);
  watches.followForeign("shop/demo", []);
  expect([count("Secret"), count("ConfigMap")]).toEqual([1, 1]);
});

test("a node asks for a run when it is reached elsewhere or not any more, and not at each heartbeat", () => {
  const cluster = createFakeCluster();
  const enqueued: string[] = [];
  follow(cluster, (key) => enqueued.push(key)).start();
  const put = (address: string, status: string, lastHeartbeatTime: string) => {
    enqueued.length = 0;
    const addresses = [{ type: "InternalIP", address }];
    const conditions = [{ type: "Ready", status, lastHeartbeatTime }];
    cluster.put({ ...NODE, metadata: { name: "node1", uid: "uid-2" }, status: { addresses, conditions } });
    return [...enqueued];
  };
  cluster.put(resource());
  expect(put("192.0.2.1", "True", "2026-01-01T00:00:00Z")).toEqual(["shop/demo"]);
  expect(put("192.0.2.1", "True", "2026-01-01T00:00:10Z")).toEqual([]);
  expect(put("192.0.2.2", "True", "2026-01-01T00:00:20Z")).toEqual(["shop/demo"]);
  expect(put("192.0.2.2", "Unknown", "2026-01-01T00:00:20Z")).toEqual(["shop/demo"]);
});

test("nothing is kept that is large and never looked at", () => {
  const cluster = createFakeCluster();
  const queries: ObjectQuery[] = [];
  const watch: Cluster["watch"] = (query, sink) => {
    queries.push(query);
    return cluster.watch(query, sink);
  };
  follow({ watch }).start();
  const whole = queries.filter(({ metadataOnly, trim }) => !metadataOnly && !trim);
  expect(whole.map(({ kind }) => kind)).toEqual(["Service", "Deployment", "StatefulSet", "Certificate"]);

  const [apiVersion, kind, status] = ["v1", "Pod", { podIP: "192.0.2.1" }];
  const managedFields = [{ manager: "kubelet" }];
  const pod: KubernetesObject = {
    apiVersion,
    kind,
    metadata: { name: "a", labels: { a: "b" }, managedFields },
    spec: { nodeName: "node1" },
    status,
  };
  const kept = queries.find((query) => query.kind === "Pod")?.trim?.(pod);
  expect(kept).toEqual({ apiVersion, kind, metadata: { name: "a", labels: { a: "b" } }, status });
});
