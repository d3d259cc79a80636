/** Every way to install the operator, on a real API server: what it puts there, and that its rights are enough. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { namespacedOptions } from "#operator/install/options.ts";
import { RELEASE } from "#operator/install/release.ts";
import { runInstalledOperator } from "./installed-operator.ts";

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ name: "install", controllers: false });
});
afterAll(() => plane?.stop());

async function applyService(namespace: string, name: string): Promise<void> {
  await plane.kubectl("wait", "--for=condition=Established", "crd/sseservices.sse-operator.dev");
  await plane.apply(
    JSON.stringify({
      apiVersion: "sse-operator.dev/v1alpha1",
      kind: "SseService",
      metadata: { name, namespace },
    }),
  );
}

function waitForDeployment(namespace: string, name: string): Promise<string> {
  return plane.kubectl("wait", "--for=create", `deployment/${name}`, `--namespace=${namespace}`);
}

describe("for one namespace", () => {
  test.each([true, false])("with rights in it alone it is enough (nodes followed: %s)", async (nodes) => {
    const namespace = nodes ? "with-nodes" : "alone";
    await plane.kubectl("create", "namespace", namespace);
    const items = buildInstallManifests(namespacedOptions(RELEASE, namespace, nodes));
    await plane.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await applyService(namespace, "demo");
    await applyService("default", "foreign");
    const operator = await runInstalledOperator(plane, namespace);
    await waitForDeployment(namespace, "demo");
    await operator.stop();
    expect(await plane.kubectl("get", "deployments", "--namespace=default", "-o", "name")).toBe("");
  });
});
