import type { V1Deployment } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { buildInstallManifests } from "./manifests.ts";
import { namespacedOptions } from "./options.ts";
import { RELEASE } from "./release.ts";

const scopes = [
  ["the whole cluster", RELEASE],
  ["one namespace", namespacedOptions(RELEASE, "shop", false)],
  ["one namespace, and the nodes", namespacedOptions(RELEASE, "shop", true)],
] as const;

function kindsOf(options: typeof RELEASE): string[] {
  return buildInstallManifests(options).map(({ kind, metadata }) => `${kind}/${metadata?.name}`);
}

describe.each(scopes)("an operator of %s", (_, options) => {
  const manifests = buildInstallManifests(options);

  test("has everything in its own namespace that is in one", () => {
    const namespaces = manifests.flatMap(({ metadata }) => metadata?.namespace ?? []);
    expect(new Set(namespaces)).toEqual(new Set([options.namespace]));
  });

  test("binds every role to its one account", () => {
    const roles = manifests.filter(({ kind }) => kind === "Role" || kind === "ClusterRole");
    const bindings = manifests.filter(({ kind }) => kind?.endsWith("Binding"));
    expect(bindings.map((binding) => ("roleRef" in binding ? binding.roleRef : undefined))).toEqual(
      roles.map(({ kind, metadata }) => ({
        apiGroup: "rbac.authorization.k8s.io",
        kind,
        name: metadata?.name,
      })),
    );
    for (const binding of bindings) {
      expect(binding).toMatchObject({ subjects: [{ name: "sse-operator", namespace: options.namespace }] });
    }
  });
});

test("an operator of one namespace needs nothing of the cluster's but the definition", () => {
  const clusterScoped = buildInstallManifests(namespacedOptions(RELEASE, "shop", false)).filter(
    ({ metadata }) => metadata?.namespace === undefined,
  );
  expect(clusterScoped.map(({ kind }) => kind)).toEqual(["CustomResourceDefinition"]);
});

test("one that follows the nodes may read them, and nothing else of the cluster's", () => {
  expect(kindsOf(namespacedOptions(RELEASE, "shop", true))).toContain("ClusterRole/sse-operator-nodes-shop");
  const role = buildInstallManifests(namespacedOptions(RELEASE, "shop", true)).find(
    ({ kind }) => kind === "ClusterRole",
  );
  expect(role).toMatchObject({ rules: [{ resources: ["nodes"], verbs: ["list", "watch"] }] });
});

test.each([
  [RELEASE, {}],
  [namespacedOptions(RELEASE, "shop", true), { WATCH_NAMESPACE: undefined }],
  [namespacedOptions(RELEASE, "shop", false), { WATCH_NAMESPACE: undefined, FOLLOW_NODES: "false" }],
])("the pods are told their scope", (options, expected) => {
  const deployment = buildInstallManifests(options).find(
    (object): object is V1Deployment => object.kind === "Deployment",
  );
  const environment = deployment?.spec?.template.spec?.containers[0]?.env ?? [];
  const scope = environment.filter(({ name }) => name === "WATCH_NAMESPACE" || name === "FOLLOW_NODES");
  expect(Object.fromEntries(scope.map(({ name, value }) => [name, value]))).toEqual(expected);
});
