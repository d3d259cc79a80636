/** Reconciling: something is on its way, and arrives by itself. Pure. */
import { serviceUrl } from "../observation.ts";
import { type Checks, no, yes } from "./verdict.ts";

export const reconciling: Checks<"Reconciling"> = [
  ({ failures }) => {
    const failure = failures.find(({ reason }) => reason === "ApplyFailed");
    return failure && yes("Retrying", failure.message);
  },
  ({ service, deployment }) => {
    if (!service || !deployment) return undefined;
    const { replicas } = service.spec;
    const {
      observedGeneration = 0,
      updatedReplicas = 0,
      readyReplicas = 0,
      replicas: existing = 0,
    } = deployment.status ?? {};
    const settled =
      observedGeneration >= (deployment.metadata?.generation ?? 0) &&
      updatedReplicas === replicas &&
      readyReplicas === replicas &&
      existing === replicas;
    return settled
      ? undefined
      : yes("RollingOut", `${updatedReplicas} of ${replicas} pods are up to date, ${readyReplicas} ready`);
  },
  ({ service, kubernetesService, nodes }) =>
    service && kubernetesService && serviceUrl(kubernetesService, nodes) === undefined
      ? yes(
          "WaitingForAddress",
          "The cluster has given no address yet: no node is Ready, or no load balancer answers",
        )
      : undefined,
  () => no("Settled", "Everything is as the resource asks for"),
];
