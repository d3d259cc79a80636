/** BackplaneReady: the pods share their events, and how well. Pure. */
import type { V1StatefulSet } from "@kubernetes/client-node";
import { podTrouble } from "../pod-trouble.ts";
import { type Checks, no, yes } from "./verdict.ts";

const MEANWHILE = "streams stay open and publishing is refused meanwhile";

export const backplaneReady: Checks<"BackplaneReady"> = [
  ({ service }) =>
    service ? undefined : no("NotKnown", "The resource is invalid; see the Stalled condition"),
  ({ service }) =>
    service?.backplane.kind === "Memory"
      ? yes("InMemory", "Events are kept in the memory of the one pod; a restart forgets them")
      : undefined,
  ({ service, backplaneServer, backplanePods }) => {
    if (service?.backplane.kind !== "Managed" || backplaneServer?.status?.readyReplicas) return undefined;
    const trouble = podTrouble(backplanePods);
    const why = trouble ? `: ${trouble.message}` : "";
    return no("ServerStarting", `The managed server is not ready${why}; ${MEANWHILE}`);
  },
  ({ stats }) => {
    if (stats?.backplane !== "down") return undefined;
    const why = stats.problems.length > 0 ? ` ${stats.problems.join(" ")}` : "";
    return no("Unreachable", `A pod cannot use it; ${MEANWHILE}.${why}`);
  },
  ({ stats }) => (stats?.problems.length ? yes("Weak", stats.problems.join(" ")) : undefined),
  ({ backplaneServer }) => backplaneServer && yes("ServerReady", describeDurability(backplaneServer)),
  // A pod that is ready has read the history.
  ({ service, stats, deployment }) =>
    stats?.backplane === "up" || deployment?.status?.readyReplicas || service?.spec.replicas === 0
      ? undefined
      : no("NotKnown", "No pod has reached the server that spec.backplane.redis names yet"),
  () => yes("Configured", "The pods use the server that spec.backplane.redis names"),
];

function describeDurability({ spec }: V1StatefulSet): string {
  return spec?.volumeClaimTemplates?.length
    ? "The managed server keeps the events on a volume claim"
    : "The managed server's events survive a restart of its container, not the loss of its pod; set spec.backplane.managed.storage to keep them";
}
