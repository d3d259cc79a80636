/**
 * What was observed of an SseService -> its status. Pure; time is an argument.
 *
 * Each condition is a list of checks: the first that speaks decides. Their reasons are a closed set, which
 * docs/status.md lists for users.
 */
import type { V1Deployment, V1Service, V1StatefulSet } from "@kubernetes/client-node";
import { formatSelector, selectorLabels } from "./labels.ts";
import { type NodeFacts, serviceUrl } from "./observation.ts";
import type { Issue } from "./parse.ts";
import type { SseService } from "./spec.ts";
import {
  type Condition,
  CONDITION_TYPES,
  type ConditionType,
  type SseServiceStatus,
} from "./status-schema.ts";

/** Why a child could not be made as wanted. */
export interface Failure {
  readonly reason: "NotOwned" | "NodePortTaken" | "Forbidden" | "Refused" | "ApplyFailed";
  /** The child, and the next step. */
  readonly message: string;
}

/** Everything that a status is made of. */
export interface Observation {
  readonly name: string;
  readonly generation: number;
  readonly previous: SseServiceStatus | undefined;
  /** Absent when the resource could not be parsed; then `issues` say why. */
  readonly service: SseService | undefined;
  readonly issues: readonly Issue[];
  readonly failures: readonly Failure[];
  readonly deployment: V1Deployment | undefined;
  /** The managed backplane's server. */
  readonly backplaneServer: V1StatefulSet | undefined;
  readonly kubernetesService: V1Service | undefined;
  readonly nodes: readonly NodeFacts[];
  readonly certificate: SseServiceStatus["certificate"];
  /** What the pods themselves said last; undefined while none was asked. */
  readonly stats: ServiceStats | undefined;
}

/** What the pods of a service say together. */
export interface ServiceStats {
  /** Open streams, rounded. */
  readonly connections: number;
  /** Down when one pod can't reach it. */
  readonly backplane: "up" | "down";
  /** What the pods find wanting in the backplane, such as a server that may evict events; each once. */
  readonly problems: readonly string[];
}

interface Verdict {
  readonly status: Condition["status"];
  readonly reason: string;
  readonly message: string;
}

type Check = (observation: Observation) => Verdict | undefined;

const yes = (reason: string, message: string): Verdict => ({ status: "True", reason, message });
const no = (reason: string, message: string): Verdict => ({ status: "False", reason, message });

/** Only a human can help. */
const stalled: readonly Check[] = [
  ({ issues }) => {
    const problems = issues.map(({ field, message }) => `${field}: ${message}`);
    return problems.length === 0
      ? undefined
      : yes("InvalidSpec", `Correct the resource: ${problems.join("; ")}`);
  },
  ({ failures }) => {
    const failure = failures.find(({ reason }) => reason !== "ApplyFailed");
    return failure && yes(failure.reason, failure.message);
  },
  () => no("NotStalled", "Nothing needs a human"),
];

const certificateReady: readonly Check[] = [
  ({ certificate }) =>
    certificate &&
    yes("Issued", `Valid until ${certificate.notAfter}, renewed at ${certificate.renewalTime}`),
  () => no("NotIssued", "No certificate has been issued yet; see the Stalled condition"),
];

const backplaneReady: readonly Check[] = [
  ({ service }) =>
    service ? undefined : no("NotKnown", "The resource is invalid; see the Stalled condition"),
  ({ service }) =>
    service && service.backplane.kind === "Memory"
      ? yes("InMemory", "Events are kept in the memory of the one pod; a restart forgets them")
      : undefined,
  ({ service, backplaneServer }) =>
    service && service.backplane.kind === "Managed" && !backplaneServer?.status?.readyReplicas
      ? no("ServerStarting", `The managed server is not ready; ${MEANWHILE}`)
      : undefined,
  ({ stats }) =>
    stats?.backplane === "down" ? no("Unreachable", `A pod cannot reach it; ${MEANWHILE}`) : undefined,
  ({ stats }) => (stats?.problems.length ? yes("Weak", stats.problems.join(" ")) : undefined),
  ({ backplaneServer }) => backplaneServer && yes("ServerReady", describeDurability(backplaneServer)),
  () => yes("Configured", "The pods use the server that spec.backplane.redis names"),
];

const MEANWHILE = "streams stay open and publishing is refused meanwhile";

function describeDurability({ spec }: V1StatefulSet): string {
  return spec?.volumeClaimTemplates?.length
    ? "The managed server keeps the events on a volume claim"
    : "The managed server's events survive a restart of its container, not the loss of its pod; set spec.backplane.managed.storage to keep them";
}

const available: readonly Check[] = [
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

const reconciling: readonly Check[] = [
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

/** Ready sums up: the first condition that is not as it should be speaks for all. */
function ready(verdicts: Readonly<Record<Exclude<ConditionType, "Ready">, Verdict>>): Verdict {
  const { Stalled, CertificateReady, BackplaneReady, Available, Reconciling } = verdicts;
  if (Stalled.status === "True") return no(Stalled.reason, Stalled.message);
  if (CertificateReady.status !== "True") return no(CertificateReady.reason, CertificateReady.message);
  if (BackplaneReady.status !== "True") return no(BackplaneReady.reason, BackplaneReady.message);
  if (Available.status !== "True") return no(Available.reason, Available.message);
  if (Reconciling.status === "True") return no(Reconciling.reason, Reconciling.message);
  return yes("Ready", Available.message);
}

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
    CertificateReady: decide(certificateReady, observation),
    BackplaneReady: decide(backplaneReady, observation),
  };
  const verdicts = { Ready: ready(parts), ...parts };
  return CONDITION_TYPES.map((type) => toCondition(type, verdicts[type], observation, now));
}

function decide(checks: readonly Check[], observation: Observation): Verdict {
  for (const check of checks) {
    const verdict = check(observation);
    if (verdict) return verdict;
  }
  return { status: "Unknown", reason: "Undecided", message: "No check applies" };
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

function podsCommand(deployment: V1Deployment | undefined): string {
  const { name = "", namespace = "" } = deployment?.metadata ?? {};
  return `kubectl -n ${namespace} describe pods -l ${formatSelector(selectorLabels(name))}`;
}
