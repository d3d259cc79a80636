/** What a watch has seen, by name and by index; tells what changed. Aware of uids: a re-created object is a new one. */
import type { KubernetesObject } from "./object.ts";
import type { WatchSink } from "./cluster.ts";

export type StoreChange =
  | { kind: "added"; object: KubernetesObject }
  | { kind: "updated"; object: KubernetesObject; previous: KubernetesObject }
  | { kind: "deleted"; object: KubernetesObject };

/** Values under which an object can be found in an index, e.g. the uid of its controller. */
export type IndexFunction = (object: KubernetesObject) => readonly string[];

export type StoreOptions<Index extends string> = {
  indexes?: Record<Index, IndexFunction>;
  /** A listener threw; the others were called all the same. */
  onListenerError: (error: unknown, change: StoreChange) => void;
};

/** Is the sink of a watch. All of it is synchronous; objects in it are never changed. */
export type Store<Index extends string = never> = WatchSink & {
  get(name: string, namespace?: string): KubernetesObject | undefined;
  list(): KubernetesObject[];
  find(index: Index, value: string): KubernetesObject[];
  /** Called after the store has changed; returns how to stop. */
  onChange(listener: (change: StoreChange) => void): () => void;
  hasSynced(): boolean;
  whenSynced(): Promise<void>;
  readonly size: number;
};

export declare function createStore<Index extends string = never>(options: StoreOptions<Index>): Store<Index>;

/** Index function: the uid of the controller owner. */
export declare const byController: IndexFunction;
/** Index function: the value of one label. */
export declare function byLabel(label: string): IndexFunction;
