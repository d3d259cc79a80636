/** The product on a real API server, installed as a user would. For tests only. */
import type { ControlPlane } from "#cluster/control-plane.ts";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { RELEASE } from "#operator/install/release.ts";

/** The user that the operator's pods are to the API server. */
export const OPERATOR_ACCOUNT = `system:serviceaccount:${RELEASE.namespace}:sse-operator`;

/** Resolves when SseServices can be applied. */
export async function installProduct(plane: Pick<ControlPlane, "apply" | "kubectl">): Promise<void> {
  const items = buildInstallManifests(RELEASE);
  await plane.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const crd = "crd/sseservices.sse-operator.dev";
  await plane.kubectl("wait", "--for=condition=Established", crd, "--timeout=30s");
}

/** What the operator may do from now on. */
export async function setRules(plane: Pick<ControlPlane, "kubectl">, rules: unknown): Promise<void> {
  const patch = JSON.stringify({ rules });
  await plane.kubectl("patch", "clusterrole", "sse-operator", "--type=merge", "-p", patch);
}
