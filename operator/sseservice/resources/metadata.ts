/** The metadata that every generated object shares. Pure. */
import type { V1OwnerReference } from "@kubernetes/client-node";
import { childLabels } from "../labels.ts";
import { GROUP, KIND, type SseService, VERSION } from "../spec.ts";

export interface ChildMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly ownerReferences: V1OwnerReference[];
}

/** A generated object: what the client's type leaves optional is there. */
export type Child<T> = T & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ChildMetadata;
};

/** Metadata of a child: its labels, and the owner that takes it along when it is deleted. */
export function childMetadata(service: SseService, name: string): ChildMetadata {
  return {
    name,
    namespace: service.namespace,
    labels: childLabels(service.name),
    ownerReferences: [
      {
        apiVersion: `${GROUP}/${VERSION}`,
        kind: KIND,
        name: service.name,
        uid: service.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}
