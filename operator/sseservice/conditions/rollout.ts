/** How far a Deployment is with what its SseService asks for. Pure. */
import type { Observation } from "./observation.ts";

export interface Rollout {
  readonly wanted: number;
  readonly updated: number;
  readonly ready: number;
  /** Every wanted pod is of the newest kind and ready, and no other is left. */
  readonly isDone: boolean;
}

/** Undefined when there is nothing to roll out. */
export function rolloutOf({
  service,
  deployment,
}: Pick<Observation, "service" | "deployment">): Rollout | undefined {
  if (!service || !deployment) return undefined;
  // While paused, what is asked for is not what was applied.
  const wanted = service.spec.paused ? (deployment.spec?.replicas ?? 1) : service.spec.replicas;
  const {
    observedGeneration = 0,
    updatedReplicas: updated = 0,
    readyReplicas: ready = 0,
    availableReplicas: available = 0,
    replicas: existing = 0,
  } = deployment.status ?? {};
  const isSeen = observedGeneration >= (deployment.metadata?.generation ?? 0);
  const isDone = isSeen && [updated, ready, available, existing].every((count) => count === wanted);
  return { wanted, updated, ready, isDone };
}
