/** Reconciling: something is on its way, and arrives by itself. Pure. */
import { serviceUrl } from "../observation.ts";
import { type PodTrouble, podTrouble } from "../pod-trouble.ts";
import { http2Verified } from "./http2-verified.ts";
import { type Rollout, rolloutOf } from "./rollout.ts";
import { stalled } from "./stalled.ts";
import { type Checks, decide, no, yes } from "./verdict.ts";

export const reconciling: Checks<"Reconciling"> = [
  (observation) =>
    decide(stalled, observation).status === "True"
      ? no("Stalled", "Nothing is on its way before a human has helped; see the Stalled condition")
      : undefined,
  ({ failures }) => {
    const failure = failures.find(({ reason }) => reason === "ApplyFailed");
    return failure && yes("Retrying", failure.message);
  },
  (observation) => {
    const rollout = rolloutOf(observation);
    return !rollout || rollout.isDone
      ? undefined
      : yes("RollingOut", describeRollout(rollout, podTrouble(observation.pods)));
  },
  ({ service, kubernetesService, nodes }) =>
    service && kubernetesService && serviceUrl(kubernetesService, nodes) === undefined
      ? yes(
          "WaitingForAddress",
          "The cluster has given no address yet: no node is Ready, or no load balancer answers",
        )
      : undefined,
  (observation) =>
    decide(http2Verified, observation).reason === "Pending"
      ? yes("Verifying", "The pods are ready; the Service is being opened to see that it serves")
      : undefined,
  () => no("Settled", "Everything is as the resource asks for"),
];

function describeRollout({ wanted, updated, ready }: Rollout, trouble: PodTrouble | undefined): string {
  const counts = `${updated} of ${wanted} pods are up to date, ${ready} ready`;
  return trouble ? `${counts}. ${trouble.message}` : counts;
}
