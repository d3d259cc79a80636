/** Follows Secrets that services name but the operator did not make: each by its name, its metadata only, and only while it is named. */
import { isDeepStrictEqual } from "node:util";
import type { Cluster, ClusterError, Watch } from "#operator/engine/cluster.ts";
import { createStore, type Store, type StoreChange } from "#operator/engine/store.ts";
import { stateOf, type WatchState } from "#operator/watch-state.ts";

export interface SecretWatches {
  /** From now on a change of these Secrets, and of no others, enqueues the key; its namespace is always the same. */
  follow(key: string, namespace: string, names: readonly string[]): void;
  states(): WatchState[];
  stop(): void;
}

export interface SecretWatchesOptions {
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

const SECRET = { apiVersion: "v1", kind: "Secret", metadataOnly: true } as const;

export function createSecretWatches(options: SecretWatchesOptions): SecretWatches {
  const namesOf = new Map<string, readonly string[]>();
  const followed = new Map<string, Followed>();

  function begin(namespace: string, name: string): Followed {
    const keys = new Set<string>();
    const store = createStore({
      onListenerError: options.onListenerError,
      interrupted: (error, retryInMs) => options.onInterrupted(SECRET.kind, error, retryInMs),
    });
    store.onChange(() => {
      for (const key of keys) options.enqueue(key);
    });
    const query = { ...SECRET, namespace, fieldSelector: `metadata.name=${name}` };
    const watch = options.cluster.watch(query, store);
    return { kind: SECRET.kind, watch, store, keys };
  }

  function add(key: string, namespace: string, name: string): void {
    const id = `${namespace}/${name}`;
    const entry = followed.get(id) ?? begin(namespace, name);
    followed.set(id, entry);
    entry.keys.add(key);
  }

  function remove(key: string, namespace: string, name: string): void {
    const id = `${namespace}/${name}`;
    const entry = followed.get(id);
    entry?.keys.delete(key);
    if (entry?.keys.size !== 0) return;
    entry.watch.stop();
    followed.delete(id);
  }

  return {
    follow(key, namespace, names) {
      const before = namesOf.get(key) ?? [];
      if (isDeepStrictEqual(before, names)) return;
      for (const name of names) add(key, namespace, name);
      for (const name of before) if (!names.includes(name)) remove(key, namespace, name);
      if (names.length > 0) namesOf.set(key, names);
      else namesOf.delete(key);
    },
    states: () => [...followed.values()].map(stateOf),
    stop() {
      for (const { watch } of followed.values()) watch.stop();
      followed.clear();
    },
  };
}
