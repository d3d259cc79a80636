/** Reads what the spec names and the operator did not make: where the certificate comes from, and whether all is there. */
import type { Origin } from "#operator/certificates/material.ts";
import type { Cluster } from "#operator/engine/cluster.ts";
import { readOrigin } from "#operator/read-origin.ts";
import { findMissingReferences } from "#operator/read-references.ts";
import type { Surroundings } from "#operator/read.ts";
import { foreignObjects, type MissingReference } from "#operator/sseservice/references.ts";
import type { SseService } from "#operator/sseservice/spec.ts";
import type { Watches } from "#operator/watches.ts";

export interface Dependencies {
  readonly origin: Origin;
  readonly missingReferences: readonly MissingReference[];
}

interface Sources {
  readonly cluster: Pick<Cluster, "get">;
  readonly watches: Pick<Watches, "followForeign">;
}

/** Rejects with ClusterError. */
export async function readDependencies(
  { cluster, watches }: Sources,
  { key, children }: Surroundings,
  service: SseService,
  signal: AbortSignal,
): Promise<Dependencies> {
  // Before they are read: a change in between is then seen in one way or the other.
  watches.followForeign(key, foreignObjects(service));
  const missingReferences = await findMissingReferences(cluster, service, signal);
  const origin = await readOrigin(cluster, service, children, signal);
  return { origin, missingReferences };
}
