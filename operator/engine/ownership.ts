/** Whose object is it? Only the controller owner reference counts, by uid. Pure. */
import type { KubernetesObject, OwnerReference } from "./object.ts";

export type Owner = { apiVersion: string; kind: string; name: string; uid: string };

export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: KubernetesObject, owner: Pick<Owner, "uid">): boolean {
  return controllerOf(object)?.uid === owner.uid;
}
