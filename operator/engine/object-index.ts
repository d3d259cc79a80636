/** Finds objects by a value that is computed from them: their owner, a label. */
import type { KubernetesObject } from "./object.ts";
import { controllerOf } from "./ownership.ts";

/** Values under which an object can be found in an index, e.g. the uid of its controller. */
export type IndexFunction = (object: KubernetesObject) => readonly string[];

/** Index function: the uid of the controller owner. */
export const byController: IndexFunction = (object) => {
  const controller = controllerOf(object);
  return controller === undefined ? [] : [controller.uid];
};

export class ObjectIndex {
  readonly #valuesOf: IndexFunction;
  readonly #keys = new Map<string, Set<string>>();

  constructor(valuesOf: IndexFunction) {
    this.#valuesOf = valuesOf;
  }

  keysOf(value: string): Iterable<string> {
    return this.#keys.get(value) ?? [];
  }

  /** Tells that the object under `key` was `before` and is `after`; `undefined` for an object that did not or does not exist. */
  replace(key: string, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    for (const value of before === undefined ? [] : this.#valuesOf(before)) this.#remove(value, key);
    for (const value of after === undefined ? [] : this.#valuesOf(after)) this.#add(value, key);
  }

  #add(value: string, key: string): void {
    const keys = this.#keys.get(value) ?? new Set();
    this.#keys.set(value, keys.add(key));
  }

  #remove(value: string, key: string): void {
    const keys = this.#keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(value);
  }
}
