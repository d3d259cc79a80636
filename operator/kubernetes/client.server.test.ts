import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClusterError, DesiredObject, ObjectRef } from "#operator/engine/cluster.ts";
import { configMap, FIELD_MANAGER, type RealServer, startRealServer } from "./real-server.ts";

let server: RealServer;

beforeAll(async () => {
  server = await startRealServer("client");
}, 1_200_000);

afterAll(() => server?.stop());

const mapRef = (name: string): ObjectRef => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "default",
  name,
});

async function errorOf(run: Promise<unknown>): Promise<ClusterError> {
  return run.then(
    () => expect.unreachable("should have failed"),
    (error: ClusterError) => error,
  );
}

describe("apply", () => {
  test("creates, changes what it owns and nothing else, and removes what it no longer names", async () => {
    const { cluster, plane } = server;
    const created = await cluster.apply(configMap("applied", { a: "1", b: "1" }));
    expect(created).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { a: "1", b: "1" } });
    expect(created.metadata.managedFields).toMatchObject([{ manager: FIELD_MANAGER, operation: "Apply" }]);
    await plane.kubectl("patch", "configmap", "applied", "-p", '{"data": {"foreign": "1", "a": "edited"}}');
    const changed = await cluster.apply(configMap("applied", { a: "2" }));
    expect(changed["data"]).toEqual({ a: "2", foreign: "1" });
    expect(changed.metadata.uid).toBe(created.metadata.uid);
  });

  test("of what is already so changes nothing", async () => {
    const { cluster } = server;
    const first = await cluster.apply(configMap("same", { a: "1" }));
    const second = await cluster.apply(configMap("same", { a: "1" }));
    expect(second).toEqual(first);
  });

  test("with a uid fails when the object of that name is another one, or gone", async () => {
    const { cluster } = server;
    const { metadata } = await cluster.apply(configMap("recreated", { a: "1" }));
    const uid = metadata.uid ?? "";
    await cluster.delete(mapRef("recreated"));
    const gone = await errorOf(cluster.apply(configMap("recreated", { a: "2" }), { uid }));
    expect(gone.kind).toBe("Conflict");
    await cluster.apply(configMap("recreated", { a: "3" }));
    const other = await errorOf(cluster.apply(configMap("recreated", { a: "2" }), { uid }));
    expect(other.kind).toBe("Conflict");
    expect(await cluster.get(mapRef("recreated"))).toMatchObject({ data: { a: "3" } });
  });

  test("every write names its field manager and forces", async () => {
    await server.cluster.apply(configMap("named", {}));
    const [write] = (await server.writes()).filter(({ name }) => name === "named");
    expect(write?.verb).toBe("patch");
    expect(new URL(write?.uri ?? "", "http://x").searchParams.toString()).toBe(
      `fieldManager=${FIELD_MANAGER}&force=true`,
    );
  });
});

describe("applyStatus", () => {
  const namespaceStatus = (name: string) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
    status: { conditions: [{ type: "Checked", status: "True", reason: "Test", message: "" }] },
  });

  test("writes the status and leaves the rest alone", async () => {
    await server.plane.kubectl("create", "namespace", "with-status");
    const written = await server.cluster.applyStatus(namespaceStatus("with-status"));
    expect(written["status"]).toMatchObject({ conditions: [{ type: "Checked" }] });
    const [write] = (await server.writes()).filter(({ name }) => name === "with-status");
    expect(write?.resource).toBe("namespaces/status");
  });

  test("never creates", async () => {
    expect(await errorOf(server.cluster.applyStatus(namespaceStatus("never")))).toMatchObject({
      kind: "NotFound",
    });
  });

  test("with a version that is over is a conflict", async () => {
    const status = namespaceStatus("default");
    const stale = { ...status, metadata: { name: "default", resourceVersion: "1" } };
    expect(await errorOf(server.cluster.applyStatus(stale))).toMatchObject({ kind: "Conflict" });
  });
});

describe("get, list and delete", () => {
  test("a missing object is undefined to read and nothing to delete", async () => {
    expect(await server.cluster.get(mapRef("absent"))).toBeUndefined();
    await expect(server.cluster.delete(mapRef("absent"))).resolves.toBeUndefined();
  });

  test("delete with the uid of another object deletes nothing", async () => {
    await server.cluster.apply(configMap("kept", {}));
    const error = await errorOf(
      server.cluster.delete(mapRef("kept"), { uid: "00000000-0000-0000-0000-000000000000" }),
    );
    expect(error.kind).toBe("Conflict");
    expect(await server.cluster.get(mapRef("kept"))).toBeDefined();
  });

  test("list follows every page and fills in the kind", async () => {
    const { cluster, plane } = server;
    await plane.kubectl("create", "namespace", "many");
    const names = Array.from({ length: 620 }, (_, index) => `map-${index}`);
    await Promise.all(names.map((name) => cluster.apply(configMap(name, {}, "many"))));
    const found = await cluster.list({ apiVersion: "v1", kind: "ConfigMap", namespace: "many" });
    expect(found.map((object) => object.metadata.name).sort()).toEqual([...names].sort());
    expect(found[0]).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
  });

  test("list filters on the server", async () => {
    const labelled = configMap("labelled", {});
    labelled.metadata.labels = { app: "filtered" };
    await server.cluster.apply(labelled);
    const query = { apiVersion: "v1", kind: "ConfigMap", labelSelector: "app=filtered" };
    expect((await server.cluster.list(query)).map((object) => object.metadata.name)).toEqual(["labelled"]);
  });

  test("metadata only never holds what is in a Secret", async () => {
    const { cluster } = server;
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "default" },
      stringData: { k: "hush" },
    };
    await cluster.apply(secret);
    const got = await cluster.get(
      { apiVersion: "v1", kind: "Secret", namespace: "default", name: "s" },
      { metadataOnly: true },
    );
    const listed = await cluster.list({ apiVersion: "v1", kind: "Secret", metadataOnly: true });
    expect(got).toMatchObject({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" } });
    expect(Object.keys(got ?? {})).not.toContain("data");
    expect(listed.flatMap((object) => Object.keys(object))).not.toContain("data");
    expect(listed.map((object) => object.kind)).toContain("Secret");
  });
});

describe("what the API server refuses", () => {
  const service = (name: string, port: object): DesiredObject => {
    const metadata = { name, namespace: "default" };
    const object = {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { type: "NodePort", ports: [{ port: 80, ...port }] },
    };
    return object;
  };

  test("a taken nodePort is Invalid, names the field, and is looked at again slowly", async () => {
    await server.cluster.apply(service("first", { nodePort: 30_123 }));
    const error = await errorOf(server.cluster.apply(service("second", { nodePort: 30_123 })));
    expect(error).toMatchObject({ kind: "Invalid", retry: "slowly" });
    expect(error.causes).toMatchObject([{ field: "spec.ports[0].nodePort" }]);
    expect(error.causes[0]?.message).toContain("provided port is already allocated");
    expect(error.message).toMatch(/^Cannot apply "v1\/Service default\/second": /);
  });

  test("an unknown field is our own fault, whatever its status code", async () => {
    const error = await errorOf(server.cluster.apply(service("odd", { nope: 1 })));
    expect(error).toMatchObject({ kind: "Malformed", retry: "never" });
  });

  test("a missing permission is Forbidden", async () => {
    const kubeconfigPath = await server.plane.kubeconfig("eve", []);
    const eve = server.connect({ kubeconfigPath });
    expect(await errorOf(eve.get(mapRef("applied")))).toMatchObject({ kind: "Forbidden", retry: "slowly" });
  });

  test("a namespace that is missing is NotFound, a kind that is not installed is UnknownKind", async () => {
    const noNamespace = await errorOf(server.cluster.apply(configMap("x", {}, "no-such-namespace")));
    expect(noNamespace.kind).toBe("NotFound");
    const certificate = {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      namespace: "default",
      name: "x",
    };
    expect(await errorOf(server.cluster.get(certificate))).toMatchObject({
      kind: "UnknownKind",
      retry: "slowly",
    });
  });

  test("an aborted call says so", async () => {
    const error = await errorOf(
      server.cluster.get(mapRef("x"), { signal: AbortSignal.abort(new Error("time is up")) }),
    );
    expect(error).toMatchObject({
      kind: "Aborted",
      message: 'Cannot get "v1/ConfigMap default/x": time is up',
    });
  });
});
