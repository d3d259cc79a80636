import { beforeEach, describe, expect, test, vi } from "vitest";
import { ClusterError } from "#operator/engine/cluster.ts";
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import { CONDITION_TYPES } from "#operator/sseservice/status-schema.ts";
import type { FakeCluster } from "#operator/test/fake-cluster.ts";
import { createReconcileWorld, NODE, type ReconcileWorld } from "#operator/test/reconcile-world.ts";

const DAY_MS = 86_400_000;
const CREATED = [
  "apply ServiceAccount/demo",
  "apply ConfigMap/demo-config",
  "apply Secret/demo-ca",
  "apply Secret/demo-tls",
  "apply Secret/demo-publish-token",
  "apply NetworkPolicy/demo",
  "apply Service/demo",
  "apply Deployment/demo",
  "status SseService/demo",
];

let world: ReconcileWorld;
let cluster: FakeCluster;
let run: ReconcileWorld["run"];
let put: ReconcileWorld["put"];
let settle: ReconcileWorld["settle"];
let status: ReconcileWorld["status"];
let condition: ReconcileWorld["condition"];

beforeEach(() => {
  world = createReconcileWorld();
  ({ cluster, run, put, settle, status, condition } = world);
});

describe("a new SseService", () => {
  test("is asked for no Secret that cannot be there", async () => {
    const get = vi.spyOn(cluster, "get");
    put();
    await run();
    // One look at each name before it is taken.
    expect(get.mock.calls.map(([{ kind, name }]) => `apply ${kind}/${name}`)).toEqual(CREATED.slice(0, -1));
  });

  test.each([
    [{}, ["demo-ca", "demo-publish-token", "demo-tls"]],
    [{ access: { publish: "Anyone" } }, ["demo-ca", "demo-tls"]],
    [{ replicas: 2 }, ["demo-backplane", "demo-ca", "demo-publish-token", "demo-tls"]],
    [{ tls: { secretRef: { name: "my-tls" } } }, ["demo-publish-token", "demo-tls", "my-tls"]],
  ])(
    "whose operator begins anew, %j, is asked for the Secrets that it has a use for",
    async (spec, names) => {
      put(spec);
      cluster.put({ ...(cluster.find("SseService", "demo") as KubernetesObject), status: {} });
      const get = vi.spyOn(cluster, "get");
      await run();
      const whole = get.mock.calls.filter(([, options]) => !options?.metadataOnly);
      expect(whole.map(([{ name }]) => name).sort()).toEqual(names);
    },
  );

  test("gets every child in order, then its status", async () => {
    put();
    expect(await run()).toEqual({ kind: "done" });
    expect(cluster.takeWrites()).toEqual(CREATED);
    expect(condition("Ready")).toMatchObject({ status: "False", reason: "PodsStarting" });
  });

  test("is Ready, with its URL, when its pods are", async () => {
    put();
    await run();
    settle();
    await run();
    expect(condition("Ready")).toMatchObject({ status: "True", observedGeneration: 1 });
    expect(status()).toMatchObject({ ready: "1/1", url: "https://192.0.2.1:30123" });
  });

  test("has no token when anyone may publish", async () => {
    put({ access: { publish: "Anyone" } });
    await run();
    expect(cluster.takeWrites()).not.toContain("apply Secret/demo-publish-token");
  });
});

describe("a settled SseService", () => {
  beforeEach(async () => {
    put();
    await run();
    settle();
    await run();
    cluster.takeWrites();
  });

  test("is left alone", async () => {
    await run();
    expect(cluster.takeWrites()).toEqual([]);
  });

  test("gets a deleted child back", async () => {
    await cluster.delete({ apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "demo-config" });
    cluster.takeWrites();
    await run();
    expect(cluster.takeWrites()).toEqual(["apply ConfigMap/demo-config"]);
  });

  test("gets a child back that somebody edited", async () => {
    const configMap = cluster.find("ConfigMap", "demo-config") as KubernetesObject;
    cluster.put({ ...configMap, metadata: { ...configMap.metadata, managedFields: [] } });
    await run();
    expect(cluster.takeWrites()).toEqual(["apply ConfigMap/demo-config"]);
  });

  test("keeps its CA when the certificate's Secret is deleted", async () => {
    const before = cluster.find("Secret", "demo-ca")?.["data"];
    await cluster.delete({ apiVersion: "v1", kind: "Secret", namespace: "shop", name: "demo-tls" });
    await run();
    expect(cluster.find("Secret", "demo-ca")?.["data"]).toEqual(before);
    expect(cluster.find("Secret", "demo-tls")).toBeDefined();
  });

  test("rolls the pods when the configuration changes, and is not Ready meanwhile", async () => {
    const hash = () =>
      JSON.stringify(cluster.find("Deployment", "demo")?.["spec"]).match(/config-hash":"(\w+)/)?.[1];
    const before = hash();
    const { uid } = cluster.find("SseService", "demo")?.metadata ?? {};
    put({ stream: { heartbeatSeconds: 5 } }, { generation: 2, uid });
    await run();
    expect(cluster.takeWrites()).toEqual([
      "apply ConfigMap/demo-config",
      "apply Deployment/demo",
      "status SseService/demo",
    ]);
    expect(hash()).not.toBe(before);
    expect(condition("Ready")).toMatchObject({
      status: "False",
      reason: "RollingOut",
      observedGeneration: 2,
    });
  });

  test("renews its certificate by two thirds of its lifetime, without rolling the pods", async () => {
    world.pass(55 * DAY_MS);
    await run();
    expect(cluster.takeWrites()).toEqual([]);
    world.pass(5 * DAY_MS);
    await run();
    expect(cluster.takeWrites()).toEqual(["apply Secret/demo-tls", "status SseService/demo"]);
  });

  test("renews its certificate when the user asks for it, once for each value", async () => {
    const { uid } = cluster.find("SseService", "demo")?.metadata ?? {};
    const ask = (value: string) =>
      put({}, { uid, annotations: { "sse-operator.dev/renew-certificate": value } });
    ask("1");
    await run();
    expect(cluster.takeWrites()).toEqual(["apply Secret/demo-tls", "status SseService/demo"]);
    await run();
    expect(cluster.takeWrites()).toEqual([]);
    ask("2");
    await run();
    expect(cluster.takeWrites()).toContain("apply Secret/demo-tls");
  });

  test("issues a certificate with the address of a new node", async () => {
    cluster.put({
      ...structuredClone(NODE),
      metadata: { name: "node2" },
      status: { addresses: [{ type: "InternalIP", address: "192.0.2.2" }] },
    });
    await run();
    expect(cluster.takeWrites()).toContain("apply Secret/demo-tls");
  });

  test("is stalled but keeps running when its spec becomes invalid", async () => {
    put({ replicas: 2, backplane: { memory: {} } }, { generation: 2 });
    await run();
    expect(cluster.takeWrites()).toEqual(["status SseService/demo"]);
    expect(condition("Stalled")).toMatchObject({ status: "True", reason: "InvalidSpec" });
    expect(condition("Stalled")?.message).toContain("spec.replicas");
    expect(condition("Available")).toMatchObject({ status: "True" });
  });
});

test("every condition is there from the first visit, whatever is wrong", async () => {
  put({ page: "On" });
  await run();
  expect(status().conditions?.map(({ type }) => type)).toEqual([...CONDITION_TYPES]);
});

describe("trouble", () => {
  test("a taken nodePort stalls with the next step, and heals", async () => {
    put({ service: { nodePort: 30_007 } });
    cluster.failApplies(
      "Service",
      new ClusterError("Invalid", "provided port is already allocated", {
        causes: [{ field: "spec.ports[0].nodePort", reason: "FieldValueInvalid", message: "taken" }],
      }),
    );
    expect(await run()).toMatchObject({ kind: "again" });
    expect(condition("Ready")).toMatchObject({ status: "False", reason: "NodePortTaken" });
    expect(condition("Stalled")?.message).toContain("choose another spec.service.nodePort");
    expect(cluster.events.map(({ type, reason }) => `${type} ${reason}`)).toContain("Warning NodePortTaken");

    cluster.failApplies("Service", undefined);
    await run();
    settle();
    await run();
    expect(condition("Ready")).toMatchObject({ status: "True" });
  });

  test("a missing permission is named, and the other children are made", async () => {
    put();
    cluster.failApplies("Secret", new ClusterError("Forbidden", 'cannot patch resource "secrets"'));
    await run();
    expect(condition("Stalled")).toMatchObject({ status: "True", reason: "Forbidden" });
    expect(cluster.find("Deployment", "demo")).toBeDefined();
  });

  test("a Secret that is named and missing stalls with the next step, and heals", async () => {
    const keys = { apiVersion: "v1", kind: "Secret", metadata: { name: "keys", namespace: "shop" } };
    const jwt = { keysSecretRef: { name: "keys" }, issuer: "i", audience: "a" };
    put({ access: { publish: "Jwt", jwt } });
    expect(await run()).toEqual({ kind: "done" });
    expect(cluster.find("Deployment", "demo")).toBeDefined();
    expect(condition("Ready")).toMatchObject({ status: "False", reason: "ReferenceMissing" });
    expect(condition("ReferencesReady")?.message).toContain('"keys", which spec.access.jwt.keysSecretRef');

    world.takeEnqueued();
    cluster.put(keys);
    expect(world.takeEnqueued()).toEqual(["shop/demo"]);
    await run();
    expect(condition("ReferencesReady")).toMatchObject({ status: "False", reason: "KeyMissing" });
    cluster.put({ ...keys, data: { "key.pem": "LS0t" } });
    await run();
    settle();
    expect(await run()).toEqual({ kind: "done" });
    expect(condition("Ready")).toMatchObject({ status: "True" });
  });

  test("a stranger's object is never taken over", async () => {
    put();
    const stranger = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "demo", namespace: "shop" },
      spec: { a: 1 },
    };
    cluster.put(stranger);
    await run();
    expect(cluster.find("Service", "demo")?.["spec"]).toEqual({ a: 1 });
    expect(condition("Stalled")).toMatchObject({ status: "True", reason: "NotOwned" });
  });

  test("what may pass by itself is tried again", async () => {
    put();
    cluster.failApplies("ConfigMap", new ClusterError("Unavailable", "etcd is away"));
    expect(await run()).toMatchObject({ kind: "failed" });
    expect(condition("Reconciling")).toMatchObject({ status: "True", reason: "Retrying" });
  });
});

test("a service that is being deleted is left to the garbage collector", async () => {
  put({}, { deletionTimestamp: "2026-01-01T00:00:00Z" });
  expect(await run()).toEqual({ kind: "done" });
  expect(cluster.takeWrites()).toEqual([]);
});
