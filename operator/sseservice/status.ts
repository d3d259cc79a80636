/** What was observed of an SseService -> its status; `conditions/` decides each condition. Pure; time is an argument. */
import { available } from "./conditions/available.ts";
import { backplaneReady } from "./conditions/backplane-ready.ts";
import { certificateReady } from "./conditions/certificate-ready.ts";
import { http2Verified } from "./conditions/http2-verified.ts";
import type { Observation } from "./conditions/observation.ts";
import { paused } from "./conditions/paused.ts";
import { ready } from "./conditions/ready.ts";
import { reconciling } from "./conditions/reconciling.ts";
import { referencesReady } from "./conditions/references-ready.ts";
import { stalled } from "./conditions/stalled.ts";
import { decide, type Verdict } from "./conditions/verdict.ts";
import { formatSelector, selectorLabels } from "./labels.ts";
import { serviceUrl } from "./observation.ts";
import {
  type Condition,
  CONDITION_TYPES,
  type ConditionType,
  type SseServiceStatus,
} from "./status-schema.ts";

export function buildStatus(observation: Observation, now: Date): SseServiceStatus {
  const { service, deployment, kubernetesService, nodes, certificate, previous, stats } = observation;
  const connections = stats?.connections ?? previous?.connections;
  const readyReplicas = deployment?.status?.readyReplicas ?? 0;
  const url = serviceUrl(kubernetesService, nodes);
  return {
    observedGeneration: observation.generation,
    replicas: deployment?.status?.replicas ?? 0,
    readyReplicas,
    ready: `${readyReplicas}/${service?.spec.replicas ?? deployment?.spec?.replicas ?? 0}`,
    selector: formatSelector(selectorLabels(observation.name)),
    ...(service && { backplane: service.backplane.kind }),
    ...(url !== undefined && { url }),
    ...(connections !== undefined && { connections }),
    ...(certificate && { certificate }),
    conditions: buildConditions(observation, now),
  };
}

function buildConditions(observation: Observation, now: Date): Condition[] {
  const parts = {
    Reconciling: decide(reconciling, observation),
    Stalled: decide(stalled, observation),
    Available: decide(available, observation),
    ReferencesReady: decide(referencesReady, observation),
    CertificateReady: decide(certificateReady, observation),
    BackplaneReady: decide(backplaneReady, observation),
    Http2Verified: decide(http2Verified, observation),
    Paused: decide(paused, observation),
  };
  const verdicts = { Ready: ready(parts), ...parts };
  return CONDITION_TYPES.map((type) => toCondition(type, verdicts[type], observation, now));
}

function toCondition(type: ConditionType, verdict: Verdict, observation: Observation, now: Date): Condition {
  const before = observation.previous?.conditions?.find((condition) => condition.type === type);
  return {
    type,
    ...verdict,
    observedGeneration: observation.generation,
    lastTransitionTime: before?.status === verdict.status ? before.lastTransitionTime : formatTime(now),
  };
}

/** RFC 3339 with whole seconds: another precision would count as a change on the server. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
