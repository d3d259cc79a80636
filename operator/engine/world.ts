/** A Kubernetes in memory with server-side apply's rules of ownership, for tests: a world, and the writes made to it. */
import { type Cluster, ClusterError, type IdentityOptions } from "./cluster.ts";
import { type DesiredObject, formatRef, type KubernetesObject, type ObjectRef, refOf } from "./object.ts";

export const FIELD_MANAGER = "test-operator";

type Edit = (object: KubernetesObject) => void;

export class World implements Pick<Cluster, "get" | "apply" | "delete"> {
  /** `apply v1/ConfigMap default/x`, in order. */
  readonly writes: string[] = [];
  readonly reads: string[] = [];
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #failures = new Map<string, Error>();
  #version = 0;

  async get(ref: ObjectRef): Promise<KubernetesObject | undefined> {
    this.reads.push(formatRef(ref));
    this.#failIfTold(ref);
    return this.#objects.get(formatRef(ref));
  }

  async apply(desired: DesiredObject, { uid }: IdentityOptions = {}): Promise<KubernetesObject> {
    const ref = refOf(desired);
    this.writes.push(`apply ${formatRef(ref)}`);
    this.#failIfTold(ref);
    const existing = this.#objects.get(formatRef(ref));
    if (uid !== undefined && uid !== existing?.metadata.uid) {
      throw new ClusterError("Conflict", `Cannot apply "${formatRef(ref)}": it is another object`);
    }
    const merged = merge(existing, desired);
    return JSON.stringify(existing) === JSON.stringify(merged) ? merged : this.put(merged);
  }

  async delete(ref: ObjectRef): Promise<void> {
    this.writes.push(`delete ${formatRef(ref)}`);
    this.#failIfTold(ref);
    this.#objects.delete(formatRef(ref));
  }

  /** As a watch of everything would show it now. */
  observe(): KubernetesObject[] {
    return [...this.#objects.values()];
  }

  /** The object as somebody else makes it. */
  put(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    const stored = structuredClone(object);
    stored.metadata.resourceVersion = String(this.#version);
    stored.metadata.uid ??= `uid-${this.#version}`;
    this.#objects.set(formatRef(refOf(object)), stored);
    return stored;
  }

  /** Somebody else changes fields of ours, which takes them from us. */
  takeFields(ref: ObjectRef): void {
    this.#edit(ref, ({ metadata }) => {
      metadata.managedFields = [{ manager: "kubectl", operation: "Update", fieldsV1: {} }];
    });
  }

  /** Somebody else adds fields that we do not own. */
  touch(ref: ObjectRef): void {
    this.#edit(ref, ({ metadata }) => {
      metadata.managedFields?.push({ manager: "kubectl", operation: "Update", fieldsV1: {} });
    });
  }

  remove(ref: ObjectRef): void {
    this.#objects.delete(formatRef(ref));
  }

  /** The next call for this object fails. */
  failNext(ref: ObjectRef, error: Error): void {
    this.#failures.set(formatRef(ref), error);
  }

  #failIfTold(ref: ObjectRef): void {
    const error = this.#failures.get(formatRef(ref));
    this.#failures.delete(formatRef(ref));
    if (error !== undefined) throw error;
  }

  #edit(ref: ObjectRef, edit: Edit): void {
    const object = structuredClone(this.#objects.get(formatRef(ref)));
    if (object === undefined) throw new Error(`Cannot change "${formatRef(ref)}": there is no such object`);
    edit(object);
    this.put(object);
  }
}

/** As the API server records them, for an object whose lists are one piece each. */
function recordFields({ apiVersion: _a, kind: _k, metadata, ...rest }: DesiredObject): object {
  const { name: _n, namespace: _s, ...others } = metadata;
  return record({ ...rest, metadata: others });
}

function record(value: unknown): object {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [`f:${name}`, record(member)]));
}

function merge(existing: KubernetesObject | undefined, desired: DesiredObject): KubernetesObject {
  const others = (existing?.metadata.managedFields ?? []).filter(({ manager }) => manager !== FIELD_MANAGER);
  const ours = { manager: FIELD_MANAGER, operation: "Apply", fieldsV1: recordFields(desired) };
  const metadata = { ...existing?.metadata, ...desired.metadata, managedFields: [...others, ours] };
  return structuredClone({ ...existing, ...desired, metadata });
}
