/** Lets at most one pod of the operator be evicted at a time. Pure. */
import type { V1PodDisruptionBudget } from "@kubernetes/client-node";
import { LABELS, NAME, SELECTOR } from "./identity.ts";
import type { InstallOptions } from "./options.ts";

export function buildPodDisruptionBudget({ namespace }: InstallOptions): V1PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: NAME, namespace, labels: LABELS },
    spec: { maxUnavailable: 1, selector: { matchLabels: SELECTOR } },
  };
}
