/** Available: at least one pod serves streams; or why none does. Pure. */
import type { V1Deployment } from "@kubernetes/client-node";
import { formatSelector, selectorLabels } from "../labels.ts";
import { type Checks, no, yes } from "./verdict.ts";

export const available: Checks<"Available"> = [
  ({ deployment }) =>
    deployment
      ? undefined
      : no("DeploymentMissing", "The Deployment does not exist yet; see the Stalled condition"),
  ({ service }) =>
    service?.spec.replicas === 0
      ? no("ScaledToZero", "No pod is wanted; set spec.replicas to 1 to serve streams")
      : undefined,
  ({ deployment }) => {
    const ready = deployment?.status?.availableReplicas ?? 0;
    return ready > 0
      ? yes("PodsAvailable", `${ready} ${ready === 1 ? "pod serves" : "pods serve"} streams`)
      : undefined;
  },
  ({ deployment }) => {
    const refusal = deployment?.status?.conditions?.find(
      ({ type, status }) => type === "ReplicaFailure" && status === "True",
    );
    return refusal && no("PodsRefused", `The cluster refuses the pods: ${refusal.message}`);
  },
  ({ deployment }) => {
    const progress = deployment?.status?.conditions?.find(({ type }) => type === "Progressing");
    return progress?.reason === "ProgressDeadlineExceeded"
      ? no("PodsNotReady", `No pod became ready in time; look at them with: ${podsCommand(deployment)}`)
      : undefined;
  },
  ({ deployment }) =>
    no("PodsStarting", `No pod is ready yet; look at them with: ${podsCommand(deployment)}`),
];

function podsCommand(deployment: V1Deployment | undefined): string {
  const { name = "", namespace = "" } = deployment?.metadata ?? {};
  return `kubectl -n ${namespace} describe pods -l ${formatSelector(selectorLabels(name))}`;
}
