import { expect, test } from "vitest";
import type { Cluster, KubernetesObject, ObjectQuery } from "./engine/cluster.ts";
import { createFakeCluster } from "./test/fake-cluster.ts";
import { createWatches } from "./watches.ts";

function follow(cluster: Pick<Cluster, "watch">) {
  return createWatches({
    cluster,
    namespace: undefined,
    followsNodes: true,
    onChildDeleted: () => undefined,
    enqueue: () => undefined,
    onInterrupted: () => undefined,
    onListenerError: () => undefined,
  });
}

test("the states are those of every watch, of the Secrets that are named too, while they are", () => {
  const watches = follow(createFakeCluster());
  const kinds = () => watches.states().map(({ kind }) => kind);
  const secrets = () => kinds().filter((kind) => kind === "Secret").length;
  expect(kinds()).toEqual([]);
  watches.start();
  expect(kinds()).toEqual(expect.arrayContaining(["SseService", "Deployment", "Pod", "Node"]));
  expect(secrets()).toBe(1);
  watches.followSecrets("shop/demo", ["one", "two"]);
  expect(secrets()).toBe(3);
  watches.followSecrets("shop/demo", ["two"]);
  expect(secrets()).toBe(2);
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
