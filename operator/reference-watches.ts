/**
 * Follows Secrets and ConfigMaps that services name but the operator did not make: each by its name, its metadata only,
 * and only while it is named.
 */
import { isDeepStrictEqual } from "node:util";
import type { Cluster, ClusterError, Watch } from "#operator/engine/cluster.ts";
import { createStore, type Store, type StoreChange } from "#operator/engine/store.ts";
import type { ForeignObject } from "#operator/sseservice/references.ts";
import { stateOf, type WatchState } from "#operator/watch-state.ts";

export interface ReferenceWatches {
  /** From now on a change of these objects, and of no others, enqueues the key; its namespace is always the same. */
  follow(key: string, namespace: string, objects: readonly ForeignObject[]): void;
  states(): WatchState[];
  stop(): void;
}

export interface ReferenceWatchesOptions {
  readonly cluster: Pick<Cluster, "watch">;
  readonly enqueue: (key: string) => void;
  readonly onInterrupted: (kind: string, error: ClusterError, retryInMs: number) => void;
  readonly onListenerError: (error: unknown, change: StoreChange) => void;
}

interface Followed {
  readonly kind: string;
  readonly watch: Watch;
  readonly store: Store;
  readonly keys: Set<string>;
}

export function createReferenceWatches(options: ReferenceWatchesOptions): ReferenceWatches {
  const namedBy = new Map<string, readonly ForeignObject[]>();
  const followed = new Map<string, Followed>();

  function begin(namespace: string, { kind, name }: ForeignObject): Followed {
    const keys = new Set<string>();
    const store = createStore({
      onListenerError: options.onListenerError,
      interrupted: (error, retryInMs) => options.onInterrupted(kind, error, retryInMs),
    });
    store.onChange(() => {
      for (const key of keys) options.enqueue(key);
    });
    const fieldSelector = `metadata.name=${name}`;
    const query = { apiVersion: "v1", kind, metadataOnly: true, namespace, fieldSelector };
    return { kind, watch: options.cluster.watch(query, store), store, keys };
  }

  function add(key: string, namespace: string, object: ForeignObject): void {
    const id = idOf(namespace, object);
    const entry = followed.get(id) ?? begin(namespace, object);
    followed.set(id, entry);
    entry.keys.add(key);
  }

  function remove(key: string, namespace: string, object: ForeignObject): void {
    const id = idOf(namespace, object);
    const entry = followed.get(id);
    entry?.keys.delete(key);
    if (entry?.keys.size !== 0) return;
    entry.watch.stop();
    followed.delete(id);
  }

  return {
    follow(key, namespace, objects) {
      const before = namedBy.get(key) ?? [];
      if (isDeepStrictEqual(before, objects)) return;
      const kept = new Set(objects.map((object) => idOf(namespace, object)));
      for (const object of objects) add(key, namespace, object);
      for (const object of before) if (!kept.has(idOf(namespace, object))) remove(key, namespace, object);
      if (objects.length > 0) namedBy.set(key, objects);
      else namedBy.delete(key);
    },
    states: () => [...followed.values()].map(stateOf),
    stop() {
      for (const { watch } of followed.values()) watch.stop();
      followed.clear();
    },
  };
}

function idOf(namespace: string, { kind, name }: ForeignObject): string {
  return `${kind}/${namespace}/${name}`;
}
