/** A cluster whose reads are real and whose writes are dry runs: the operator's own code runs on it, and changes nothing. */
import {
  type Cluster,
  ClusterError,
  type DesiredObject,
  type KubernetesObject,
  type ObjectQuery,
  type ObjectRef,
} from "#operator/engine/cluster.ts";
import { refOf } from "#operator/engine/object.ts";
import type { DryRun } from "#operator/kubernetes/dry-run.ts";
import { KIND } from "#operator/sseservice/spec.ts";

/** One write that would have been made. Without `before` it creates, without `after` it deletes. */
export interface RehearsedWrite {
  readonly ref: ObjectRef;
  /** What is asked for; absent when it deletes. */
  readonly desired: DesiredObject | undefined;
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject | undefined;
}

export interface Rehearsal {
  readonly cluster: Cluster;
  /** In the order in which they would be made; one that changes nothing is among them. */
  readonly writes: readonly RehearsedWrite[];
  /** The status that would be told, if it was another than now. */
  readonly status: () => object | undefined;
  /** Resolves when every watch has seen what there is; rejects with ClusterError. */
  readonly synced: () => Promise<void>;
}

export function createRehearsal(reads: Pick<Cluster, "get" | "list">, dryRun: DryRun): Rehearsal {
  const writes: RehearsedWrite[] = [];
  const lists: Promise<void>[] = [];
  let told: object | undefined;
  const cluster: Cluster = {
    get: (ref, options) => reads.get(ref, options),
    list: (query, options) => reads.list(query, options),
    apply: async (desired, { uid } = {}) => {
      const ref = refOf(desired);
      const before = await reads.get(ref);
      const after = await dryRun.apply(desired, uid);
      writes.push({ ref, desired, before, after });
      return after;
    },
    delete: async (ref) => {
      writes.push({ ref, desired: undefined, before: await reads.get(ref), after: undefined });
    },
    applyStatus: async ({ status, ...object }) => {
      if (object.kind === KIND) told = status;
      return { ...object, status };
    },
    recordEvent: () => undefined,
    watch: (query, sink) => {
      const listed = listKnown(reads, query).then((objects) => sink.replaced(objects));
      listed.catch(() => undefined); // one that is begun after the rest was waited for only says when to look again
      lists.push(listed);
      return {
        health: () => ({ synced: true, silentMs: 0, stuckMs: 0, relists: 0, interruptions: 0 }),
        stop: () => undefined,
      };
    },
  };
  return {
    cluster,
    writes,
    status: () => told,
    synced: async () => {
      await Promise.all(lists);
    },
  };
}

/** Of a kind whose definition is not installed there is no object. */
async function listKnown(reads: Pick<Cluster, "list">, query: ObjectQuery): Promise<KubernetesObject[]> {
  try {
    return await reads.list(query);
  } catch (error) {
    if (error instanceof ClusterError && error.kind === "UnknownKind") return [];
    throw error;
  }
}
