/** On which nodes every pod of a service may run, with what weight, and with whose credentials its images are pulled. Pure. */
import type { V1PodSpec } from "@kubernetes/client-node";
import type { PodSettings } from "../pod-schema.ts";

type Placement = Pick<V1PodSpec, "nodeSelector" | "tolerations" | "priorityClassName" | "imagePullSecrets">;

/** Nothing that the spec leaves out is in it. */
export function buildPlacement({
  nodeSelector,
  tolerations,
  priorityClassName,
  imagePullSecrets,
}: PodSettings): Placement {
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(imagePullSecrets.length > 0 && { imagePullSecrets }),
  };
}
