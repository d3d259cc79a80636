/** The operator's own objects, as `kubectl apply -f deploy/` installs them. Pure; `deploy/` holds its output. */
import type {
  KubernetesObject,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1Deployment,
  V1Namespace,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import { buildCrd } from "#operator/sseservice/crd.ts";
import type { DefaultImages } from "#operator/sseservice/resources/deployment.ts";
import { CLUSTER_PERMISSIONS, OWN_PERMISSIONS, type Permission, SERVICE_PERMISSIONS } from "./permissions.ts";

export interface InstallOptions {
  readonly namespace: string;
  readonly images: DefaultImages & { readonly operator: string };
}

const NAME = "sse-operator";
const LABELS = { "app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": NAME };
const HEALTH_PORT = 8080;

/** In the order in which to apply them. */
export function buildInstallManifests(options: InstallOptions): KubernetesObject[] {
  return [
    buildNamespace(options),
    buildCrd(),
    buildServiceAccount(options),
    buildClusterRole(),
    buildClusterRoleBinding(options),
    buildRole(options),
    buildRoleBinding(options),
    buildDeployment(options),
  ];
}

function buildNamespace({ namespace }: InstallOptions): V1Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { ...LABELS, "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}

function buildServiceAccount({ namespace }: InstallOptions): V1ServiceAccount {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace, labels: LABELS } };
}

function buildClusterRole(): V1ClusterRole {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: NAME, labels: LABELS },
    rules: [...SERVICE_PERMISSIONS, ...CLUSTER_PERMISSIONS].map(buildRule),
  };
}

function buildClusterRoleBinding({ namespace }: InstallOptions): V1ClusterRoleBinding {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: NAME, labels: LABELS },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: NAME },
    subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
  };
}

function buildRole({ namespace }: InstallOptions): V1Role {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: NAME, namespace, labels: LABELS },
    rules: OWN_PERMISSIONS.map(buildRule),
  };
}

function buildRoleBinding({ namespace }: InstallOptions): V1RoleBinding {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: NAME, namespace, labels: LABELS },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: NAME },
    subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
  };
}

function buildRule({ apiGroup, resources, verbs }: Permission): V1PolicyRule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: [...verbs] };
}

function buildDeployment({ namespace, images }: InstallOptions): V1Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace, labels: LABELS },
    spec: {
      replicas: 2,
      selector: { matchLabels: { "app.kubernetes.io/name": NAME } },
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: NAME,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: "RuntimeDefault" },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: { "app.kubernetes.io/name": NAME } },
            },
          ],
          containers: [
            {
              name: "operator",
              image: images.operator,
              args: ["run"],
              env: [
                { name: "SSE_RUNTIME_IMAGE", value: images.runtime },
                { name: "SSE_NGINX_IMAGE", value: images.nginx },
                { name: "SSE_VALKEY_IMAGE", value: images.valkey },
                { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
              ],
              ports: [{ name: "health", containerPort: HEALTH_PORT, protocol: "TCP" }],
              startupProbe: {
                httpGet: { path: "/healthz", port: "health" },
                periodSeconds: 1,
                failureThreshold: 60,
              },
              readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 5 },
              livenessProbe: {
                httpGet: { path: "/healthz", port: "health" },
                periodSeconds: 10,
                timeoutSeconds: 5,
              },
              resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { memory: "256Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  };
}
