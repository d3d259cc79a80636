/** Available: at least one pod serves streams; or why none does. Pure. */
import { podsCommand, podsProblem } from "./pods-problem.ts";
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
  (observation) => {
    const problem = podsProblem(observation);
    return problem && no(problem.reason, problem.message);
  },
  ({ deployment }) =>
    no("PodsStarting", `No pod is ready yet; look at them with: ${podsCommand(deployment)}`),
];
