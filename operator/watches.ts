/** What the operator follows: the SseServices, everything made of them, and the nodes; and whose reconcile a change asks for. */
import { isDeepStrictEqual } from "node:util";
import type { Cluster, KubernetesObject } from "#operator/engine/cluster.ts";
import type { AppliedMemo } from "#operator/engine/applied-memo.ts";
import { refOf } from "#operator/engine/object.ts";
import { controllerOf } from "#operator/engine/ownership.ts";
import { byController, createStore, type Store, type StoreChange } from "#operator/engine/store.ts";
import { asKind } from "#operator/kinds.ts";
import { formatSelector, MANAGED_BY, ownerNameOf } from "#operator/sseservice/labels.ts";
import { type NodeFacts, toNodeFacts } from "#operator/sseservice/observation.ts";
import { GROUP, KIND, VERSION } from "#operator/sseservice/spec.ts";

/** The kinds that an SseService becomes. Secrets are followed by their metadata only. */
const CHILD_KINDS = [
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Secret", metadataOnly: true },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "ServiceAccount" },
  { apiVersion: "apps/v1", kind: "Deployment" },
] as const;

type Key = string;

export interface Watches {
  service(key: Key): KubernetesObject | undefined;
  keys(): Iterable<Key>;
  /** Every child of the service with this uid, of every kind, as last seen. */
  children(uid: string): KubernetesObject[];
  nodes(): readonly NodeFacts[];
  /** The pods of one service. */
  pods(key: Key): KubernetesObject[];
  whenSynced(): Promise<void>;
  stop(): void;
}

export interface WatchesOptions {
  readonly cluster: Pick<Cluster, "watch">;
  readonly namespace: string | undefined;
  readonly memo: Pick<AppliedMemo, "forget">;
  readonly enqueue: (key: Key) => void;
  readonly onListenerError: (error: unknown, change: StoreChange) => void;
}

export function keyOf({ namespace = "", name }: { namespace?: string | undefined; name: string }): Key {
  return `${namespace}/${name}`;
}

export function parseKey(key: Key): { namespace: string; name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

export function startWatches({
  cluster,
  namespace,
  memo,
  enqueue,
  onListenerError,
}: WatchesOptions): Watches {
  const scope = namespace === undefined ? {} : { namespace };
  const managed = { ...scope, labelSelector: formatSelector(MANAGED_BY) };
  const newStore = () =>
    createStore({ indexes: { controller: byController, key: byServiceKey }, onListenerError });

  const services = newStore();
  const children = CHILD_KINDS.map((kind) => ({ query: { ...kind, ...managed }, store: newStore() }));
  const pods = newStore();
  const nodes = newStore();

  services.onChange(({ object }) => enqueue(keyOf(object.metadata)));
  for (const { store } of children) {
    store.onChange((change) => {
      if (change.kind === "deleted") memo.forget(refOf(change.object));
      const owner = controllerOf(change.object);
      if (owner?.kind === KIND)
        enqueue(keyOf({ namespace: change.object.metadata.namespace, name: owner.name }));
    });
  }
  nodes.onChange((change) => {
    if (changesNodeFacts(change)) for (const { metadata } of services.list()) enqueue(keyOf(metadata));
  });

  const watches = [
    cluster.watch({ apiVersion: `${GROUP}/${VERSION}`, kind: KIND, ...scope }, services),
    ...children.map(({ query, store }) => cluster.watch(query, store)),
    cluster.watch({ apiVersion: "v1", kind: "Pod", ...managed }, pods),
    cluster.watch({ apiVersion: "v1", kind: "Node" }, nodes),
  ];
  const stores = [services, ...children.map(({ store }) => store), pods, nodes];

  return {
    service: (key) => {
      const { namespace: inNamespace, name } = parseKey(key);
      return services.get(name, inNamespace);
    },
    keys: () => services.list().map(({ metadata }) => keyOf(metadata)),
    children: (uid) => children.flatMap(({ store }) => store.find("controller", uid)),
    nodes: () => nodes.list().flatMap(nodeFacts),
    pods: (key) => pods.find("key", key),
    whenSynced: async () => {
      await Promise.all(stores.map((store: Store<never>) => store.whenSynced()));
    },
    stop: () => {
      for (const watch of watches) watch.stop();
    },
  };
}

function byServiceKey({ metadata }: KubernetesObject): string[] {
  const name = ownerNameOf(metadata.labels);
  return name === undefined ? [] : [keyOf({ namespace: metadata.namespace, name })];
}

function changesNodeFacts(change: StoreChange): boolean {
  if (change.kind !== "updated") return true;
  return !isDeepStrictEqual(nodeFacts(change.object), nodeFacts(change.previous));
}

function nodeFacts(object: KubernetesObject): NodeFacts[] {
  const node = asKind("Node", object);
  return node ? [toNodeFacts(node)] : [];
}
