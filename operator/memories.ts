/**
 * What the operator remembers of its own writes, so that it repeats none, reads none back, and decides on none as if it had
 * not been made.
 */
import { type AppliedMemo, createAppliedMemo } from "#operator/engine/applied-memo.ts";
import { type Clock, systemClock } from "#operator/engine/clock.ts";
import type { Cluster, KubernetesObject, ObjectRef } from "#operator/engine/cluster.ts";
import { createOwnWrites, type OwnWrites } from "#operator/engine/own-writes.ts";
import { createOwnSecrets, type OwnSecrets } from "#operator/own-secrets.ts";
import { FIELD_MANAGER } from "#operator/sseservice/labels.ts";

export interface Memories {
  readonly memo: AppliedMemo;
  readonly writes: OwnWrites;
  readonly secrets: OwnSecrets;
  /** To be called with the children as the answers to their applies show them; `memo` is told by who applies. */
  remember(applied: readonly KubernetesObject[]): void;
  /** To be called when a child is seen deleted. */
  forget(ref: ObjectRef): void;
}

export interface MemoriesOptions {
  readonly cluster: Pick<Cluster, "get">;
  /** A child as the watches last showed it, if they do. */
  readonly seen: (ref: ObjectRef) => KubernetesObject | undefined;
  readonly clock?: Pick<Clock, "now">;
  /** See `AppliedMemo`. */
  readonly stampAnnotation?: string;
}

export function createMemories(options: MemoriesOptions): Memories {
  const { cluster, seen, clock = systemClock, ...stamp } = options;
  const now = () => clock.now();
  const memo = createAppliedMemo({ fieldManager: FIELD_MANAGER, now, ...stamp });
  const writes = createOwnWrites({ now });
  const secrets = createOwnSecrets({ cluster, seen });
  return {
    memo,
    writes,
    secrets,
    remember: (applied) => {
      secrets.remember(applied);
      for (const object of applied) writes.remember(object);
    },
    forget: (ref) => {
      for (const memory of [memo, writes, secrets]) memory.forget(ref);
    },
  };
}
