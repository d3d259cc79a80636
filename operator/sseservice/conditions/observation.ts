/** Everything that the conditions of one SseService are decided from. Pure. */
import type { V1Deployment, V1Pod, V1Service, V1StatefulSet } from "@kubernetes/client-node";
import type { CertificateProblem } from "../certificate-problem.ts";
import type { NodeFacts } from "../observation.ts";
import type { Issue } from "../parse.ts";
import type { MissingReference } from "../references.ts";
import type { SseService } from "../spec.ts";
import type { SseServiceStatus } from "../status-schema.ts";

export interface Observation {
  readonly name: string;
  readonly generation: number;
  readonly previous: SseServiceStatus | undefined;
  /** Absent when the resource could not be parsed; then `issues` say why. */
  readonly service: SseService | undefined;
  readonly issues: readonly Issue[];
  readonly failures: readonly Failure[];
  /** What the resource names and does not exist. */
  readonly missingReferences: readonly MissingReference[];
  /** Children that would be changed if the service were not paused. */
  readonly waiting: readonly string[];
  readonly deployment: V1Deployment | undefined;
  /** The managed backplane's server. */
  readonly backplaneServer: V1StatefulSet | undefined;
  /** The pods that serve streams. */
  readonly pods: readonly V1Pod[];
  readonly backplanePods: readonly V1Pod[];
  readonly kubernetesService: V1Service | undefined;
  readonly nodes: readonly NodeFacts[];
  /** The one that is served. */
  readonly certificate: SseServiceStatus["certificate"];
  /** Why it is not the one that the service asks for. */
  readonly certificateProblem: CertificateProblem | undefined;
  /** What the pods themselves said last; undefined while none was asked. */
  readonly stats: ServiceStats | undefined;
  /** What opening the Service came to; undefined while that is not certain. */
  readonly http2: Http2Verdict | undefined;
}

/** Why a child could not be made as wanted. */
export interface Failure {
  readonly reason:
    | "NotOwned"
    | "NodePortTaken"
    | "Forbidden"
    | "CertManagerMissing"
    | "Refused"
    | "Contended"
    | "ApplyFailed";
  /** The child, and the next step. */
  readonly message: string;
}

/** What the pods of a service say together. */
export interface ServiceStats {
  /** Open streams, rounded. */
  readonly connections: number;
  /** Down when one pod can't use it; undefined while no pod has said. */
  readonly backplane: "up" | "down" | undefined;
  /** Why it is down, or what the pods find wanting in it, such as a server that may evict events; each once. */
  readonly problems: readonly string[];
}

/** What the operator found when it opened the Service itself, often enough to be sure. */
export type Http2Verdict =
  | {
      readonly kind: "verified";
      readonly finding: Http2Finding;
      /** Until the first bytes came, at the look by which it became certain. */
      readonly latencyMs: number;
    }
  | { readonly kind: "failed"; readonly failure: Http2Failure };

/** Streams are served; or refused for want of a token; or told to come back, as there are as many as there may be. */
export type Http2Finding = "Open" | "TokenNeeded" | "Full";

export interface Http2Failure {
  readonly reason:
    | "Unreachable"
    | "NoTls"
    | "CertificateRefused"
    | "OldCertificate"
    | "NoHttp2"
    | "WrongAnswer"
    | "NoHeartbeat";
  readonly message: string;
}
