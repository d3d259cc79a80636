/** The operator's own objects, as every way to install it has them. Pure; `deploy/` and `charts/` hold the output. */
import type { KubernetesObject, V1Namespace } from "@kubernetes/client-node";
import { buildCrd } from "#operator/sseservice/crd.ts";
import { buildDeployment } from "./deployment.ts";
import { LABELS } from "./identity.ts";
import { buildNetworkPolicy } from "./network-policy.ts";
import type { InstallOptions } from "./options.ts";
import { buildPodDisruptionBudget } from "./pod-disruption-budget.ts";
import { buildRbac, buildServiceAccount } from "./rbac.ts";

/** In the order in which to apply them. An operator of one namespace lives in one that is there already. */
export function buildInstallManifests(options: InstallOptions): KubernetesObject[] {
  return [
    ...(options.scope.kind === "Cluster" ? [buildNamespace(options)] : []),
    buildCrd(),
    buildServiceAccount(options),
    ...buildRbac(options),
    buildNetworkPolicy(options),
    buildPodDisruptionBudget(options),
    buildDeployment(options),
  ];
}

function buildNamespace({ namespace }: InstallOptions): V1Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { ...LABELS, "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}
