/** Everything that the conditions of one SseService are decided from. Pure. */
import type { V1Deployment, V1Service, V1StatefulSet } from "@kubernetes/client-node";
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
  readonly deployment: V1Deployment | undefined;
  /** The managed backplane's server. */
  readonly backplaneServer: V1StatefulSet | undefined;
  readonly kubernetesService: V1Service | undefined;
  readonly nodes: readonly NodeFacts[];
  /** The one that is served. */
  readonly certificate: SseServiceStatus["certificate"];
  /** Why it is not the one that the service asks for. */
  readonly certificateProblem: CertificateProblem | undefined;
  /** What the pods themselves said last; undefined while none was asked. */
  readonly stats: ServiceStats | undefined;
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
  /** Down when one pod can't reach it. */
  readonly backplane: "up" | "down";
  /** What the pods find wanting in the backplane, such as a server that may evict events; each once. */
  readonly problems: readonly string[];
}
