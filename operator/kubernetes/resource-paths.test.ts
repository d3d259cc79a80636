import { describe, expect, test } from "vitest";
import { createResourcePaths } from "./resource-paths.ts";

const thing = { apiVersion: "example.dev/v1", kind: "Thing", plural: "things", namespaced: true };
const paths = createResourcePaths([thing]);

describe("collections", () => {
  test.each([
    [{ apiVersion: "v1", kind: "ConfigMap" }, "/api/v1/configmaps"],
    [{ apiVersion: "v1", kind: "ConfigMap", namespace: "shop" }, "/api/v1/namespaces/shop/configmaps"],
    [
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop" },
      "/apis/apps/v1/namespaces/shop/deployments",
    ],
    [{ apiVersion: "v1", kind: "Node" }, "/api/v1/nodes"],
    [{ apiVersion: "v1", kind: "Node", namespace: "ignored" }, "/api/v1/nodes"],
    [
      { apiVersion: "example.dev/v1", kind: "Thing", namespace: "a" },
      "/apis/example.dev/v1/namespaces/a/things",
    ],
  ])("%j", (query, path) => {
    expect(paths.collection(query)).toBe(path);
  });
});

describe("objects", () => {
  const ref = { apiVersion: "example.dev/v1", kind: "Thing", namespace: "a", name: "b" };

  test("and their subresources", () => {
    expect(paths.object(ref)).toBe("/apis/example.dev/v1/namespaces/a/things/b");
    expect(paths.object(ref, "status")).toBe("/apis/example.dev/v1/namespaces/a/things/b/status");
    expect(paths.object({ apiVersion: "v1", kind: "Node", name: "n" })).toBe("/api/v1/nodes/n");
  });

  test("a name cannot leave its place in the path", () => {
    const path = paths.object({ ...ref, namespace: "../kube-system", name: "x/../../secrets?y" });
    expect(path).toBe("/apis/example.dev/v1/namespaces/..%2Fkube-system/things/x%2F..%2F..%2Fsecrets%3Fy");
  });

  test("a kind that nobody named, and a namespaced object without a namespace, are bugs", () => {
    expect(() => paths.object({ ...ref, kind: "Nope" })).toThrow(
      'Cannot find the path of "example.dev/v1/Nope"',
    );
    const { namespace, ...unplaced } = ref;
    expect(namespace).toBe("a");
    expect(() => paths.object(unplaced)).toThrow("it has no namespace");
  });
});
