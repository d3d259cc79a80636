/** What the operator follows: the SseServices, everything made of them, and the nodes; and whose reconcile a change asks for. */
import { isDeepStrictEqual } from "node:util";
import type { Cluster, ClusterError, KubernetesObject, ObjectRef, Watch } from "#operator/engine/cluster.ts";
import { refOf, withoutManagedFields } from "#operator/engine/object.ts";
import { controllerOf } from "#operator/engine/ownership.ts";
import { byController, type IndexFunction } from "#operator/engine/object-index.ts";
import { createStore, type Store, type StoreChange } from "#operator/engine/store.ts";
import { asKind } from "#operator/kinds.ts";
import { createReferenceWatches } from "#operator/reference-watches.ts";
import { formatSelector, MANAGED_BY, servedBy } from "#operator/sseservice/labels.ts";
import { type NodeFacts, toNodeFacts } from "#operator/sseservice/observation.ts";
import type { ForeignObject } from "#operator/sseservice/references.ts";
import { CERTIFICATE_TYPE } from "#operator/sseservice/resources/certificate.ts";
import { type PodTrouble, podTrouble } from "#operator/sseservice/pod-trouble.ts";
import { GROUP, KIND, VERSION } from "#operator/sseservice/spec.ts";
import { stateOf, type WatchState } from "#operator/watch-state.ts";

const SERVICES = { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, trim: withoutManagedFields };
const PODS = { apiVersion: "v1", kind: "Pod", trim: trimPod };
const NODES = { apiVersion: "v1", kind: "Node", trim: withoutManagedFields };

/** The kinds that an SseService becomes; of most, the metadata tells whether they are as applied. cert-manager need not be installed. */
const CHILD_KINDS = [
  { apiVersion: "v1", kind: "ConfigMap", metadataOnly: true },
  { apiVersion: "v1", kind: "Secret", metadataOnly: true },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "ServiceAccount", metadataOnly: true },
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "apps/v1", kind: "StatefulSet" },
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadataOnly: true },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadataOnly: true },
  { ...CERTIFICATE_TYPE, optional: true },
] as const;

type Key = string;

export interface Watches {
  service(key: Key): KubernetesObject | undefined;
  services(): readonly KubernetesObject[];
  keys(): Iterable<Key>;
  /** Every child of the service with this uid, of every kind, as last seen. */
  children(uid: string): KubernetesObject[];
  /** A child by its name. */
  child(ref: ObjectRef): KubernetesObject | undefined;
  nodes(): readonly NodeFacts[];
  /** The pods of one service that serve streams. */
  pods(key: Key): KubernetesObject[];
  /** A change of one of these is a reason to reconcile the service. */
  followForeign(key: Key, objects: readonly ForeignObject[]): void;
  /** The pods of its managed backplane. */
  backplanePods(key: Key): KubernetesObject[];
  /** Nothing is followed, and nothing enqueued, before. */
  start(): void;
  hasSynced(): boolean;
  whenSynced(): Promise<void>;
  /** How each watch is; none before the start. */
  states(): readonly WatchState[];
  stop(): void;
}

export interface WatchesOptions {
  readonly cluster: Pick<Cluster, "watch">;
  readonly namespace: string | undefined;
  /** Without it the nodes count as none, and no right to read them is needed. */
  readonly followsNodes: boolean;
  /** A child is gone. */
  readonly onChildDeleted: (ref: ObjectRef) => void;
  readonly enqueue: (key: Key) => void;
  /** A watch broke and comes back by itself; must not throw. */
  readonly onInterrupted: (kind: string, error: ClusterError, retryInMs: number) => void;
  readonly onListenerError: (error: unknown, change: StoreChange) => void;
}

export function keyOf({ namespace = "", name }: { namespace?: string | undefined; name: string }): Key {
  return `${namespace}/${name}`;
}

export function parseKey(key: Key): { namespace: string; name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

export function createWatches(options: WatchesOptions): Watches {
  const { cluster, namespace, followsNodes } = options;
  const scope = namespace === undefined ? {} : { namespace };
  const managed = { ...scope, labelSelector: formatSelector(MANAGED_BY) };
  const references = createReferenceWatches(options);
  const services = followServices(options);
  const children = CHILD_KINDS.map((kind) => ({
    query: { ...kind, ...managed },
    store: followChildren(options, kind.kind),
  }));
  const pods = followPods(options);
  const nodes = followNodes(options, services);

  const followed = [
    { query: { ...SERVICES, ...scope }, store: services },
    ...children,
    { query: { ...PODS, ...managed }, store: pods },
    ...(followsNodes ? [{ query: NODES, store: nodes }] : []),
  ];
  let watches: readonly Followed[] = [];

  return {
    service: (key) => services.get(parseKey(key).name, parseKey(key).namespace),
    services: () => services.list(),
    keys: () => services.list().map(({ metadata }) => keyOf(metadata)),
    children: (uid) => children.flatMap(({ store }) => store.find("controller", uid)),
    child: ({ kind, name, namespace }) =>
      children.find(({ query }) => query.kind === kind)?.store.get(name, namespace),
    nodes: () => nodes.list().flatMap(nodeFacts),
    followForeign: (key, objects) => references.follow(key, parseKey(key).namespace, objects),
    pods: (key) => pods.find("streams", key),
    backplanePods: (key) => pods.find("backplane", key),
    start: () => {
      watches = followed.map(({ query, store }) => ({
        kind: query.kind,
        store,
        watch: cluster.watch(query, store),
      }));
    },
    hasSynced: () => followed.every(({ store }) => store.hasSynced()),
    whenSynced: () => allSynced(followed.map(({ store }) => store)),
    states: () => [...watches.map(stateOf), ...references.states()],
    stop: () => {
      for (const { watch } of watches) watch.stop();
      references.stop();
    },
  };
}

interface Followed {
  readonly kind: string;
  readonly store: ObjectStore;
  readonly watch: Watch;
}

async function allSynced(stores: readonly ObjectStore[]): Promise<void> {
  await Promise.all(stores.map((store) => store.whenSynced()));
}

type ObjectStore = Store<"controller" | "streams" | "backplane">;

function newStore({ onListenerError, onInterrupted }: WatchesOptions, kind: string): ObjectStore {
  return createStore({
    indexes: { controller: byController, streams: byService("Streams"), backplane: byService("Backplane") },
    onListenerError,
    interrupted: (error, retryInMs) => onInterrupted(kind, error, retryInMs),
  });
}

function followServices(options: WatchesOptions): ObjectStore {
  const services = newStore(options, KIND);
  services.onChange(({ object }) => options.enqueue(keyOf(object.metadata)));
  return services;
}

function followChildren(options: WatchesOptions, childKind: string): ObjectStore {
  const children = newStore(options, childKind);
  children.onChange(({ kind, object }) => {
    if (kind === "deleted") options.onChildDeleted(refOf(object));
    const owner = controllerOf(object);
    if (owner?.kind === KIND)
      options.enqueue(keyOf({ namespace: object.metadata.namespace, name: owner.name }));
  });
  return children;
}

/** The addresses of the nodes go into every certificate and URL. */
function followNodes(options: WatchesOptions, services: ObjectStore): ObjectStore {
  const nodes = newStore(options, "Node");
  nodes.onChange((change) => {
    if (changesNodeFacts(change))
      for (const { metadata } of services.list()) options.enqueue(keyOf(metadata));
  });
  return nodes;
}

/** Their troubles go into the status; everything else about them the Deployment tells. */
function followPods(options: WatchesOptions): ObjectStore {
  const pods = newStore(options, "Pod");
  pods.onChange((change) => {
    const { metadata } = change.object;
    const served = servedBy(metadata.labels);
    if (served && changesTrouble(change))
      options.enqueue(keyOf({ namespace: metadata.namespace, name: served.name }));
  });
  return pods;
}

/** What it was made of the Deployment tells. */
function trimPod(object: KubernetesObject): KubernetesObject {
  const { spec: _, ...pod } = object;
  return withoutManagedFields(pod);
}

function changesTrouble(change: StoreChange): boolean {
  const before = change.kind === "updated" ? troubleOf(change.previous) : undefined;
  return !isDeepStrictEqual(before, troubleOf(change.object));
}

function troubleOf(object: KubernetesObject): PodTrouble | undefined {
  const pod = asKind("Pod", object);
  return pod && podTrouble([pod]);
}

/** Under its service's key, a pod of this role. */
function byService(role: "Streams" | "Backplane"): IndexFunction {
  return ({ metadata }) => {
    const served = servedBy(metadata.labels);
    return served?.role === role ? [keyOf({ namespace: metadata.namespace, name: served.name })] : [];
  };
}

function changesNodeFacts(change: StoreChange): boolean {
  if (change.kind !== "updated") return true;
  return !isDeepStrictEqual(nodeFacts(change.object), nodeFacts(change.previous));
}

function nodeFacts(object: KubernetesObject): NodeFacts[] {
  const node = asKind("Node", object);
  return node ? [toNodeFacts(node)] : [];
}
