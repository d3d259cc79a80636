/** Gives an object read from the API server its type: the server has validated its shape, so this is the one place that trusts it. */
import type {
  V1Deployment,
  V1Node,
  V1Pod,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";
import type { KubernetesObject } from "#operator/engine/cluster.ts";

interface Kinds {
  Deployment: V1Deployment;
  Node: V1Node;
  Pod: V1Pod;
  Secret: V1Secret;
  Service: V1Service;
  StatefulSet: V1StatefulSet;
}

/** The object as its kind, or undefined when there is none of that kind. */
export function asKind<K extends keyof Kinds>(
  kind: K,
  object: KubernetesObject | undefined,
): Kinds[K] | undefined {
  return object?.kind === kind ? (object as unknown as Kinds[K]) : undefined;
}

/** The object of this kind and name among several. */
export function findKind<K extends keyof Kinds>(
  kind: K,
  name: string,
  objects: readonly KubernetesObject[],
): Kinds[K] | undefined {
  return asKind(
    kind,
    objects.find((object) => object.kind === kind && object.metadata.name === name),
  );
}
