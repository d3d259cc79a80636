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
  const { scope } = options;
  return [
    ...buildOwnRbac(options),
    ...(scope.kind === "Cluster" ? buildClusterRbac(options) : buildNamespaceRbac(options, scope.namespace)),
    ...(scope.kind === "Namespace" && scope.followsNodes ? buildNodesRbac(options) : []),
  ];
}

/** Leader election. */
export function buildOwnRbac(options: InstallOptions): KubernetesObject[] {
  return buildNamespaced(NAME, options.namespace, OWN_PERMISSIONS, options);
}

/** To serve every namespace. */
export function buildClusterRbac(options: InstallOptions): KubernetesObject[] {
  return buildClusterWide(NAME, [...SERVICE_PERMISSIONS, ...CLUSTER_PERMISSIONS], options);
}

/** To serve one namespace. */
export function buildNamespaceRbac(options: InstallOptions, served: string): KubernetesObject[] {
  return buildNamespaced(`${NAME}-services`, served, SERVICE_PERMISSIONS, options);
}

/** To follow the nodes beside it. A name of the cluster's: with the namespace in it, several operators go side by side. */
export function buildNodesRbac(options: InstallOptions): KubernetesObject[] {
  return buildClusterWide(`${NAME}-nodes-${options.namespace}`, CLUSTER_PERMISSIONS, options);
}

function buildClusterWide(
  name: string,
  permissions: readonly Permission[],
  { namespace }: InstallOptions,
): KubernetesObject[] {
  return buildRoleAndBinding("ClusterRole", { name, labels: LABELS }, permissions, namespace);
}

function buildNamespaced(
  name: string,
  served: string,
  permissions: readonly Permission[],
  { namespace }: InstallOptions,
): KubernetesObject[] {
  return buildRoleAndBinding("Role", { name, namespace: served, labels: LABELS }, permissions, namespace);
}

/** The role, and that the operator in this namespace has it. */
function buildRoleAndBinding(
  kind: "Role" | "ClusterRole",
  metadata: { readonly name: string; readonly namespace?: string; readonly labels: Record<string, string> },
  permissions: readonly Permission[],
  operatorNamespace: string,
): [V1Role | V1ClusterRole, V1RoleBinding | V1ClusterRoleBinding] {
  return [
    { apiVersion: RBAC, kind, metadata, rules: permissions.map(buildRule) },
    {
      apiVersion: RBAC,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC_GROUP, kind, name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace: operatorNamespace }],
    },
  ];
}

const RBAC_GROUP = "rbac.authorization.k8s.io";
const RBAC = `${RBAC_GROUP}/v1`;

function buildRule({ apiGroup, resources, verbs }: Permission): V1PolicyRule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: [...verbs] };
}
