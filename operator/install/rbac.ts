/** The operator's identity and its rights, as few as its scope needs; all from the one table of permissions. Pure. */
import type {
  KubernetesObject,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import { LABELS, NAME } from "./identity.ts";
import type { InstallOptions } from "./options.ts";
import { CLUSTER_PERMISSIONS, OWN_PERMISSIONS, type Permission, SERVICE_PERMISSIONS } from "./permissions.ts";

export function buildServiceAccount({ namespace }: InstallOptions): V1ServiceAccount {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace, labels: LABELS } };
}

export function buildRbac(options: InstallOptions): KubernetesObject[] {
  const { namespace, scope } = options;
  const own = buildNamespaced(NAME, namespace, OWN_PERMISSIONS, options);
  if (scope.kind === "Cluster") {
    return [...buildClusterWide(NAME, [...SERVICE_PERMISSIONS, ...CLUSTER_PERMISSIONS], options), ...own];
  }
  return [
    ...own,
    ...buildNamespaced(`${NAME}-services`, scope.namespace, SERVICE_PERMISSIONS, options),
    // A name of the cluster's: with the namespace in it, several operators go side by side.
    ...(scope.followsNodes
      ? buildClusterWide(`${NAME}-nodes-${namespace}`, CLUSTER_PERMISSIONS, options)
      : []),
  ];
}

function buildClusterWide(
  name: string,
  permissions: readonly Permission[],
  { namespace }: InstallOptions,
): [V1ClusterRole, V1ClusterRoleBinding] {
  const metadata = { name, labels: LABELS };
  return [
    { apiVersion: RBAC, kind: "ClusterRole", metadata, rules: permissions.map(buildRule) },
    {
      apiVersion: RBAC,
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name },
      subjects: [subject(namespace)],
    },
  ];
}

function buildNamespaced(
  name: string,
  served: string,
  permissions: readonly Permission[],
  { namespace }: InstallOptions,
): [V1Role, V1RoleBinding] {
  const metadata = { name, namespace: served, labels: LABELS };
  return [
    { apiVersion: RBAC, kind: "Role", metadata, rules: permissions.map(buildRule) },
    {
      apiVersion: RBAC,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name },
      subjects: [subject(namespace)],
    },
  ];
}

const RBAC_GROUP = "rbac.authorization.k8s.io";
const RBAC = `${RBAC_GROUP}/v1`;

function subject(namespace: string) {
  return { kind: "ServiceAccount", name: NAME, namespace };
}

function buildRule({ apiGroup, resources, verbs }: Permission): V1PolicyRule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: [...verbs] };
}
