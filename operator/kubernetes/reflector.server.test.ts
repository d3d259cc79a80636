import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Cluster, ObjectQuery } from "#operator/engine/cluster.ts";
import { type FollowedStore, followStore } from "./followed-store.ts";
import { configMap, type RealServer, startRealServer } from "./real-server.ts";

let server: RealServer;

beforeAll(async () => {
  server = await startRealServer("reflector");
}, 1_200_000);

afterAll(() => server?.stop());

/** Follows the ConfigMaps of a namespace of its own, and waits for the first sync. */
async function follow(
  namespace: string,
  query: Partial<ObjectQuery> = {},
  cluster: Pick<Cluster, "watch"> = server.cluster,
): Promise<FollowedStore> {
  await server.plane.kubectl("create", "namespace", namespace);
  const followed = followStore(cluster, { apiVersion: "v1", kind: "ConfigMap", namespace, ...query });
  onTestFinished(() => followed.watch.stop());
  await followed.store.whenSynced();
  return followed;
}

const kubectl = (namespace: string, ...args: string[]) => server.plane.kubectl("-n", namespace, ...args);

describe("an API server that works", () => {
  test("what exists is there at the first sync, what happens then is told in order", async () => {
    const namespace = "follow";
    await server.plane.kubectl("create", "namespace", "follow-before");
    await server.cluster.apply(configMap("before", {}, "follow-before"));
    const before = followStore(server.cluster, {
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: "follow-before",
    });
    onTestFinished(() => before.watch.stop());
    await before.store.whenSynced();
    expect(before.store.get("before", "follow-before")).toMatchObject({ kind: "ConfigMap" });

    const { nextChange } = await follow(namespace);
    await server.cluster.apply(configMap("a", { k: "1" }, namespace));
    await server.cluster.apply(configMap("a", { k: "2" }, namespace));
    await kubectl(namespace, "delete", "configmap", "a");
    await server.cluster.apply(configMap("a", { k: "3" }, namespace));
    expect([await nextChange(), await nextChange(), await nextChange(), await nextChange()]).toEqual([
      "added a",
      "updated a",
      "deleted a",
      "added a",
    ]);
  });

  test("a label selector: an object that loses the label is gone", async () => {
    const namespace = "labels";
    const { nextChange } = await follow(namespace, { labelSelector: "app=demo" });
    await kubectl(namespace, "create", "configmap", "plain");
    await kubectl(namespace, "create", "configmap", "labelled");
    await kubectl(namespace, "label", "configmap", "labelled", "app=demo");
    await kubectl(namespace, "label", "configmap", "labelled", "app-");
    expect([await nextChange(), await nextChange()]).toEqual(["added labelled", "deleted labelled"]);
  });

  test("metadata only: Secrets are followed without ever holding what is in them", async () => {
    const namespace = "secrets";
    const { store, nextChange } = await follow(namespace, { kind: "Secret", metadataOnly: true });
    await kubectl(namespace, "create", "secret", "generic", "s", "--from-literal=password=hush");
    expect(await nextChange()).toBe("added s");
    const [secret] = store.list();
    expect(Object.keys(secret ?? {}).sort()).toEqual(["apiVersion", "kind", "metadata"]);
    expect(secret).toMatchObject({ apiVersion: "v1", kind: "Secret" });
    expect(secret?.metadata.managedFields).toHaveLength(1);
  });

  test("a kind that is installed later is followed from then on", async () => {
    const type = { apiVersion: "example.dev/v1", kind: "Widget", plural: "widgets", namespaced: true };
    const followed = followStore(server.connect({ types: [type] }), type);
    onTestFinished(() => followed.watch.stop());
    expect(await followed.nextInterruption()).toMatchObject({ kind: "UnknownKind" });
    await server.plane.apply(JSON.stringify(WIDGET_DEFINITION));
    await followed.store.whenSynced();
    await server.plane.apply(
      '{"apiVersion": "example.dev/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "default"}}',
    );
    expect(await followed.nextChange()).toBe("added w");
  });
});

describe("a network that fails", () => {
  test("what was deleted meanwhile is told when the connection is back, from the history", async () => {
    const namespace = "cut";
    const { cluster, relay } = await server.connectOverRelay();
    const { nextChange, nextInterruption, watch } = await follow(namespace, {}, cluster);
    await server.cluster.apply(configMap("deleted", {}, namespace));
    expect(await nextChange()).toBe("added deleted");
    await relay.cut();
    await nextInterruption();
    await kubectl(namespace, "delete", "configmap", "deleted");
    await relay.heal();
    expect(await nextChange()).toBe("deleted deleted");
    expect(watch.health().relists).toBe(0);
  });

  test("if the history is lost (410), what is missing is told as deleted, and what was re-created as a new object", async () => {
    const namespace = "expired";
    const { cluster, relay } = await server.connectOverRelay();
    const { nextChange, watch, pendingChanges } = await follow(namespace, {}, cluster);
    for (const name of ["deleted", "kept", "recreated"]) {
      await server.cluster.apply(configMap(name, {}, namespace));
      expect(await nextChange()).toBe(`added ${name}`);
    }
    await relay.cut();
    await kubectl(namespace, "delete", "configmap", "deleted", "recreated");
    await kubectl(namespace, "create", "configmap", "recreated");
    await server.plane.restart(); // which forgets the history
    await relay.heal();
    const told = [await nextChange(), await nextChange(), await nextChange()];
    expect(told.sort()).toEqual(["added recreated", "deleted deleted", "deleted recreated"]);
    expect(watch.health().relists).toBe(1);
    expect(pendingChanges()).toBe(0);
  });
});

describe("an API server that fails", () => {
  test("a restart under an open watch: a change made meanwhile arrives, and nothing is told twice", async () => {
    const namespace = "restart";
    const { nextChange, pendingChanges, store } = await follow(namespace);
    await server.cluster.apply(configMap("kept", {}, namespace));
    await server.cluster.apply(configMap("changed", { k: "1" }, namespace));
    expect([await nextChange(), await nextChange()]).toEqual(["added kept", "added changed"]);
    await server.plane.restart();
    await kubectl(namespace, "patch", "configmap", "changed", "-p", '{"data": {"k": "2"}}');
    expect(await nextChange()).toBe("updated changed");
    await kubectl(namespace, "create", "configmap", "last");
    expect(await nextChange()).toBe("added last");
    expect(pendingChanges()).toBe(0);
    expect(store.size).toBe(3);
  });

  test("killed and started again: the same, and nothing is told twice", async () => {
    const namespace = "killed";
    const { nextChange, nextInterruption, pendingChanges } = await follow(namespace);
    await server.cluster.apply(configMap("kept", {}, namespace));
    expect(await nextChange()).toBe("added kept");
    await server.plane.kill();
    expect(await nextInterruption()).toMatchObject({ retry: "backoff" });
    await server.plane.start();
    await kubectl(namespace, "create", "configmap", "after");
    expect(await nextChange()).toBe("added after");
    expect(pendingChanges()).toBe(0);
  });

  test("frozen: the silence is noticed, and what was changed meanwhile arrives", async () => {
    const namespace = "frozen";
    const { nextChange, nextInterruption } = await follow(
      namespace,
      {},
      server.connect({ pingIntervalMs: 500 }),
    );
    await server.plane.pause();
    const error = await nextInterruption();
    expect(["Unavailable", "Timeout"]).toContain(error.kind);
    await server.plane.resume();
    await kubectl(namespace, "create", "configmap", "after");
    expect(await nextChange()).toBe("added after");
  });
});

const WIDGET_DEFINITION = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.dev" },
  spec: {
    group: "example.dev",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};
