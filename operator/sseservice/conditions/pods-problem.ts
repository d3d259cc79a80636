/** Why pods that are wanted do not serve, in the words of who knows: the cluster that refuses them, or the pods themselves. Pure. */
import type { V1Deployment } from "@kubernetes/client-node";
import { formatSelector, selectorLabels } from "../labels.ts";
import { POD_TROUBLES, podTrouble } from "../pod-trouble.ts";
import type { Observation } from "./observation.ts";

export const PODS_PROBLEMS = [
  "QuotaExceeded",
  "PodSecurityRefused",
  "PodsRefused",
  ...POD_TROUBLES,
  "PodsNotReady",
] as const;

export interface PodsProblem {
  readonly reason: (typeof PODS_PROBLEMS)[number];
  readonly message: string;
  /** It will not pass by itself, or has not in the time that it may take. */
  readonly needsHuman: boolean;
}

export function podsProblem({
  deployment,
  pods,
}: Pick<Observation, "deployment" | "pods">): PodsProblem | undefined {
  const problem = refusalOf(deployment) ?? podTrouble(pods);
  if (!isOverdue(deployment)) return problem;
  const message = `Not all pods became ready in time; look at them with: ${podsCommand(deployment)}`;
  return problem ? { ...problem, needsHuman: true } : { reason: "PodsNotReady", message, needsHuman: true };
}

export function podsCommand(deployment: V1Deployment | undefined): string {
  const { name = "", namespace = "" } = deployment?.metadata ?? {};
  return `kubectl -n ${namespace} describe pods -l ${formatSelector(selectorLabels(name))}`;
}

/** The cluster does not even create them. */
function refusalOf(deployment: V1Deployment | undefined): PodsProblem | undefined {
  const condition = deployment?.status?.conditions?.find(
    ({ type, status }) => type === "ReplicaFailure" && status === "True",
  );
  if (!condition) return undefined;
  const { message: words = "" } = condition;
  // The pod's name is another one at each try.
  const cause = words.replace(/^pods "[^"]*" is forbidden: /, "");
  const message = `The cluster refuses the pods: ${cause}`;
  if (/^(exceeded|failed) quota/.test(cause))
    return { reason: "QuotaExceeded", message: `${message}; free or raise the quota`, needsHuman: true };
  if (cause.startsWith("violates PodSecurity"))
    return {
      reason: "PodSecurityRefused",
      message: `${message}; see the namespace's labels`,
      needsHuman: true,
    };
  return { reason: "PodsRefused", message, needsHuman: words !== cause };
}

function isOverdue(deployment: V1Deployment | undefined): boolean {
  const progress = deployment?.status?.conditions?.find(({ type }) => type === "Progressing");
  return progress?.reason === "ProgressDeadlineExceeded";
}
