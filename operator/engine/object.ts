/** The shape that every Kubernetes object shares, as far as the engine reads it. Knows no kind in particular. */

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** One manager's record of the fields that it owns. */
export type ManagedFieldsEntry = {
  manager?: string;
  operation?: string;
  subresource?: string;
  apiVersion?: string;
  time?: string;
  fieldsV1?: unknown;
};

/** Metadata as the API server sends it: times are RFC 3339 strings, never `Date`. */
export type ObjectMetadata = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
};

/** An object as read. Everything beyond metadata is unknown until somebody parses it. */
export type KubernetesObject = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMetadata;
  [field: string]: unknown;
};

/**
 * An object to apply, built from scratch: only what we want to own is in it. A Secret needs `data`: what is applied as
 * `stringData` is owned under that name, so that an edit of the data would not show as a loss of ownership.
 */
export type DesiredObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: OwnerReference[];
    finalizers?: string[];
  };
};

/** The status to apply. With `resourceVersion` the write fails (Conflict) unless the object is still that one. */
export type DesiredStatus = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; resourceVersion?: string };
  status: object;
};

/** Names one object; `namespace` is absent for cluster-scoped kinds. */
export type ObjectRef = { apiVersion: string; kind: string; namespace?: string; name: string };

export function refOf(object: Pick<DesiredObject, "apiVersion" | "kind" | "metadata">): ObjectRef {
  const { name, namespace } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace !== undefined && { namespace }),
  };
}

/** Who owns which field is often the larger half of an object. */
export function withoutManagedFields<Kept extends KubernetesObject>(object: Kept): Kept {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** One string per object, for maps and messages: `v1/Secret shop/demo-tls`. */
export function formatRef(ref: ObjectRef): string {
  const path = ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
  return `${ref.apiVersion}/${ref.kind} ${path}`;
}
