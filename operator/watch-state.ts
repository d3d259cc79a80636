/** How the watches are, one by one and of each kind together. Pure. */
import type { Watch, WatchHealth } from "#operator/engine/cluster.ts";

export interface WatchState extends WatchHealth {
  readonly kind: string;
  /** Changes that the watch has not told; see `Store`. */
  readonly missedChanges: number;
}

interface Followed {
  readonly kind: string;
  readonly watch: Pick<Watch, "health">;
  readonly store: { readonly missedChanges: number };
}

export function stateOf({ kind, watch, store }: Followed): WatchState {
  return { kind, missedChanges: store.missedChanges, ...watch.health() };
}

/** One state for each kind, however many watches follow it: the worst of them, and their counts together. */
export function summarizeWatches(states: readonly WatchState[]): WatchState[] {
  const byKind = new Map<string, WatchState>();
  for (const state of states) {
    const other = byKind.get(state.kind);
    byKind.set(state.kind, other ? summarize(other, state) : state);
  }
  return [...byKind.values()];
}

function summarize(one: WatchState, other: WatchState): WatchState {
  return {
    kind: one.kind,
    synced: one.synced && other.synced,
    silentMs: Math.max(one.silentMs, other.silentMs),
    stuckMs: Math.max(one.stuckMs, other.stuckMs),
    relists: one.relists + other.relists,
    interruptions: one.interruptions + other.interruptions,
    missedChanges: one.missedChanges + other.missedChanges,
  };
}
