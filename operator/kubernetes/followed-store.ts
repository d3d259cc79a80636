/** A store that a real watch feeds, and the changes that it told, one by one. For tests only. */
import type { Cluster, ClusterError, ObjectQuery, Watch } from "#operator/engine/cluster.ts";
import { createStore, type Store } from "#operator/engine/store.ts";
import { Mailbox } from "./mailbox.ts";

export type FollowedStore = {
  store: Store;
  watch: Watch;
  /** `added one`, in order. */
  nextChange: () => Promise<string>;
  nextInterruption: () => Promise<ClusterError>;
  /** Changes told that `nextChange` has not taken. */
  pendingChanges: () => number;
};

export function followStore(cluster: Pick<Cluster, "watch">, query: ObjectQuery): FollowedStore {
  const changes = new Mailbox<string>();
  const interruptions = new Mailbox<ClusterError>();
  const store = createStore({
    onListenerError: (error) => {
      throw error;
    },
    interrupted: (error) => interruptions.post(error),
  });
  store.onChange(({ kind, object }) => changes.post(`${kind} ${object.metadata.name}`));
  return {
    store,
    watch: cluster.watch(query, store),
    nextChange: () => changes.take(),
    nextInterruption: () => interruptions.take(),
    pendingChanges: () => changes.size,
  };
}
