/** A Kubernetes in memory for unit tests: keeps objects, tells watches, records writes. The real one has tests of its own. */
import type {
  Cluster,
  ClusterEvent,
  DesiredObject,
  KubernetesObject,
  ObjectQuery,
  ObjectRef,
  WatchSink,
} from "#operator/engine/cluster.ts";
import { ClusterError } from "#operator/engine/cluster.ts";
import { formatRef, refOf } from "#operator/engine/object.ts";

export interface FakeCluster extends Cluster {
  /** Every write since the last `takeWrites`, such as `apply Secret/demo-tls`. */
  takeWrites(): string[];
  readonly events: ClusterEvent[];
  /** Puts an object there as somebody else would. */
  put(object: KubernetesObject): void;
  find(kind: string, name: string): KubernetesObject | undefined;
  /** The next applies of this kind fail with the error, until `undefined` is set. */
  failApplies(kind: string, error: ClusterError | undefined): void;
  /** Watches that begin from now on are told nothing before `sync`. */
  holdWatches(): { sync: () => void };
  /** Every watch says that it has done nothing for so long. */
  hangWatches(stuckMs: number): void;
}

export function createFakeCluster(): FakeCluster {
  const objects = new Map<string, KubernetesObject>();
  const sinks: { query: ObjectQuery; sink: WatchSink }[] = [];
  const failures = new Map<string, ClusterError>();
  const events: ClusterEvent[] = [];
  let writes: string[] = [];
  let version = 0;
  let stuckMs = 0;
  let held: (() => void)[] | undefined;

  function put(object: KubernetesObject): KubernetesObject {
    const stored = structuredClone(object);
    stored.metadata.resourceVersion = String(++version);
    stored.metadata.uid ??= `uid-of-${stored.kind}-${stored.metadata.name}-${version}`;
    objects.set(formatRef(refOf(stored)), stored);
    for (const { query, sink } of sinks) if (isAskedFor(query, stored)) sink.changed(stored);
    return stored;
  }

  function apply(object: DesiredObject): KubernetesObject {
    const before = objects.get(formatRef(refOf(object)));
    const desired = structuredClone(object);
    return put({
      ...before,
      ...desired,
      metadata: {
        ...before?.metadata,
        ...desired.metadata,
        generation: (before?.metadata.generation ?? 0) + 1,
        managedFields: [{ manager: "sse-operator", operation: "Apply", fieldsV1: desired }],
      },
    });
  }

  return {
    events,
    put,
    find: (kind, name) =>
      [...objects.values()].find((object) => object.kind === kind && object.metadata.name === name),
    failApplies: (kind, error) => {
      if (error) failures.set(kind, error);
      else failures.delete(kind);
    },
    holdWatches: () => {
      const waiting: (() => void)[] = [];
      held = waiting;
      return { sync: () => waiting.splice(0).forEach((begin) => begin()) };
    },
    hangWatches: (ms) => {
      stuckMs = ms;
    },
    takeWrites: () => {
      const taken = writes;
      writes = [];
      return taken;
    },
    get: async (ref: ObjectRef) => objects.get(formatRef(ref)),
    list: async ({ kind }) => [...objects.values()].filter((object) => object.kind === kind),
    apply: async (object) => {
      writes.push(`apply ${object.kind}/${object.metadata.name}`);
      const failure = failures.get(object.kind);
      if (failure) throw failure;
      return apply(object);
    },
    applyStatus: async ({ apiVersion, kind, metadata, status }) => {
      writes.push(`status ${kind}/${metadata.name}`);
      const object = objects.get(formatRef({ apiVersion, kind, ...metadata }));
      if (!object) throw new ClusterError("NotFound", `${kind} "${metadata.name}" not found`);
      return put({ ...object, status });
    },
    delete: async (ref) => {
      writes.push(`delete ${ref.kind}/${ref.name}`);
      const object = objects.get(formatRef(ref));
      objects.delete(formatRef(ref));
      for (const { query, sink } of sinks) if (object && isAskedFor(query, object)) sink.deleted(object);
    },
    watch: (query, sink) => {
      const entry = { query, sink };
      const begin = () => {
        sinks.push(entry);
        sink.replaced([...objects.values()].filter((object) => isAskedFor(query, object)));
      };
      if (held) held.push(begin);
      else begin();
      return {
        health: () => ({ synced: true, silentMs: 0, stuckMs, relists: 0, interruptions: 0 }),
        stop: () => sinks.splice(sinks.indexOf(entry), 1),
      };
    },
    recordEvent: (event) => {
      events.push(event);
    },
  };
}

/** Label selectors are not looked at: what the operator makes carries its labels. */
function isAskedFor({ kind, namespace, fieldSelector }: ObjectQuery, object: KubernetesObject): boolean {
  const { metadata } = object;
  return (
    object.kind === kind &&
    (namespace === undefined || metadata.namespace === namespace) &&
    (fieldSelector === undefined || fieldSelector === `metadata.name=${metadata.name}`)
  );
}
