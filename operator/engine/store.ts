/** What a watch has seen, by name and by index; tells what changed. Aware of uids: a re-created object is a new one. */
import type { WatchSink } from "./cluster.ts";
import type { KubernetesObject } from "./object.ts";
import { type IndexFunction, ObjectIndex } from "./object-index.ts";
import { isNews } from "./resource-version.ts";

export type StoreChange =
  | { kind: "added"; object: KubernetesObject }
  | { kind: "updated"; object: KubernetesObject; previous: KubernetesObject }
  | { kind: "deleted"; object: KubernetesObject };

export type StoreOptions<Index extends string> = {
  indexes?: Record<Index, IndexFunction>;
  /** A listener threw; the others were called all the same. */
  onListenerError: (error: unknown, change: StoreChange) => void;
  interrupted?: WatchSink["interrupted"];
};

/** Is the sink of a watch. All of it is synchronous; the objects in it are never changed. */
export type Store<Index extends string = never> = WatchSink & {
  get(name: string, namespace?: string): KubernetesObject | undefined;
  list(): KubernetesObject[];
  find(index: Index, value: string): KubernetesObject[];
  /** Called after the store has changed; returns how to stop. */
  onChange(listener: (change: StoreChange) => void): () => void;
  hasSynced(): boolean;
  whenSynced(): Promise<void>;
  readonly size: number;
  /** Changes that only a later list of everything has shown, because the watch had lost its thread. */
  readonly missedChanges: number;
};

export function createStore<Index extends string = never>(options: StoreOptions<Index>): Store<Index> {
  return new ObjectStore(options);
}

class ObjectStore<Index extends string> implements Store<Index> {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #indexes = new Map<string, ObjectIndex>();
  readonly #listeners = new Set<(change: StoreChange) => void>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #onListenerError: StoreOptions<Index>["onListenerError"];
  readonly interrupted: NonNullable<WatchSink["interrupted"]>;
  #hasSynced = false;
  #isRelisting = false;
  #missedChanges = 0;

  constructor({ indexes, onListenerError, interrupted = () => {} }: StoreOptions<Index>) {
    for (const [name, valuesOf] of Object.entries<IndexFunction>(indexes ?? {})) {
      this.#indexes.set(name, new ObjectIndex(valuesOf));
    }
    this.#onListenerError = onListenerError;
    this.interrupted = interrupted;
  }

  get size(): number {
    return this.#objects.size;
  }

  get missedChanges(): number {
    return this.#missedChanges;
  }

  get(name: string, namespace = ""): KubernetesObject | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  list(): KubernetesObject[] {
    return [...this.#objects.values()];
  }

  find(index: Index, value: string): KubernetesObject[] {
    const keys = this.#indexes.get(index)?.keysOf(value) ?? [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hasSynced(): boolean {
    return this.#hasSynced;
  }

  whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  replaced(objects: readonly KubernetesObject[]): void {
    const keys = new Set(objects.map(keyOf));
    this.#isRelisting = this.#hasSynced;
    for (const [key, object] of this.#objects) if (!keys.has(key)) this.deleted(object);
    for (const object of objects) this.changed(object);
    this.#isRelisting = false;
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  changed(object: KubernetesObject): void {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) this.deleted(previous);
    const known = this.#objects.get(key);
    // A relist shows again what is known already, and a watch that starts from an old version repeats history.
    if (known && !isNews(object.metadata.resourceVersion, known.metadata.resourceVersion)) return;
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.replace(key, known, object);
    this.#tell(
      known === undefined ? { kind: "added", object } : { kind: "updated", object, previous: known },
    );
  }

  deleted(object: KubernetesObject): void {
    const key = keyOf(object);
    const known = this.#objects.get(key);
    if (known === undefined || known.metadata.uid !== object.metadata.uid) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.replace(key, known, undefined);
    this.#tell({ kind: "deleted", object });
  }

  #tell(change: StoreChange): void {
    if (this.#isRelisting) this.#missedChanges += 1;
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#onListenerError(error, change);
      }
    }
  }
}

function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
