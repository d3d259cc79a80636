/** Lets at most one pod of a service be evicted at a time. Pure. */
import type { V1PodDisruptionBudget } from "@kubernetes/client-node";
import { selectorLabels } from "../labels.ts";
import { disruptionBudgetName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { type Child, childMetadata } from "./metadata.ts";

export function buildPodDisruptionBudget(service: SseService): Child<V1PodDisruptionBudget> {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: childMetadata(service, disruptionBudgetName(service.name)),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(service.name) } },
  };
}
