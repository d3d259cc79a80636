/** Which URL a kind lives at. A table instead of discovery: no request at start, and what the operator can reach is written down. */
import type { ObjectQuery, ObjectRef } from "#operator/engine/cluster.ts";
import { formatRef } from "#operator/engine/object.ts";

export type ResourceType = { apiVersion: string; kind: string; plural: string; namespaced: boolean };

const BUILT_IN: Record<string, Record<string, string>> = {
  v1: {
    ConfigMap: "configmaps",
    Endpoints: "endpoints",
    Event: "events",
    PersistentVolumeClaim: "persistentvolumeclaims",
    Pod: "pods",
    ResourceQuota: "resourcequotas",
    Secret: "secrets",
    Service: "services",
    ServiceAccount: "serviceaccounts",
  },
  "apps/v1": { Deployment: "deployments", ReplicaSet: "replicasets", StatefulSet: "statefulsets" },
  "autoscaling/v2": { HorizontalPodAutoscaler: "horizontalpodautoscalers" },
  "cert-manager.io/v1": { Certificate: "certificates", Issuer: "issuers" },
  "coordination.k8s.io/v1": { Lease: "leases" },
  "discovery.k8s.io/v1": { EndpointSlice: "endpointslices" },
  "events.k8s.io/v1": { Event: "events" },
  "networking.k8s.io/v1": { Ingress: "ingresses", NetworkPolicy: "networkpolicies" },
  "policy/v1": { PodDisruptionBudget: "poddisruptionbudgets" },
  "rbac.authorization.k8s.io/v1": { Role: "roles", RoleBinding: "rolebindings" },
};

const BUILT_IN_CLUSTER_SCOPED: Record<string, Record<string, string>> = {
  v1: { Namespace: "namespaces", Node: "nodes", PersistentVolume: "persistentvolumes" },
  "apiextensions.k8s.io/v1": { CustomResourceDefinition: "customresourcedefinitions" },
  "cert-manager.io/v1": { ClusterIssuer: "clusterissuers" },
  "rbac.authorization.k8s.io/v1": { ClusterRole: "clusterroles", ClusterRoleBinding: "clusterrolebindings" },
  "storage.k8s.io/v1": { StorageClass: "storageclasses" },
};

export type ResourcePaths = {
  /** The path of one object, or of one of its subresources. */
  object(ref: ObjectRef, subresource?: string): string;
  /** The path of all objects of a kind, in one namespace or all. */
  collection(query: Pick<ObjectQuery, "apiVersion" | "kind" | "namespace">): string;
};

/** Throws `Error` for a kind that is not in the table: that is a bug, not a state of the cluster. */
export function createResourcePaths(additional: readonly ResourceType[] = []): ResourcePaths {
  const types = new Map<string, ResourceType>();
  for (const type of [
    ...builtIn(BUILT_IN, true),
    ...builtIn(BUILT_IN_CLUSTER_SCOPED, false),
    ...additional,
  ]) {
    types.set(`${type.apiVersion}/${type.kind}`, type);
  }

  function collection({
    apiVersion,
    kind,
    namespace,
  }: Pick<ObjectQuery, "apiVersion" | "kind" | "namespace">): string {
    const type = types.get(`${apiVersion}/${kind}`);
    if (type === undefined)
      throw new Error(`Cannot find the path of "${apiVersion}/${kind}": no such resource is known`);
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const scope =
      type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    return `${root}${scope}/${type.plural}`;
  }

  return {
    collection,
    object(ref, subresource) {
      if (types.get(`${ref.apiVersion}/${ref.kind}`)?.namespaced === true && ref.namespace === undefined) {
        throw new Error(`Cannot find the path of "${formatRef(ref)}": it has no namespace`);
      }
      const path = `${collection(ref)}/${encodeURIComponent(ref.name)}`;
      return subresource === undefined ? path : `${path}/${subresource}`;
    },
  };
}

function builtIn(table: Record<string, Record<string, string>>, namespaced: boolean): ResourceType[] {
  return Object.entries(table).flatMap(([apiVersion, kinds]) =>
    Object.entries(kinds).map(([kind, plural]) => ({ apiVersion, kind, plural, namespaced })),
  );
}
