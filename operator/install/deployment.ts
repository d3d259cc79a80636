/** The operator's pods: two, on two nodes where there are two, one of them leading. Pure. */
import type { V1Deployment, V1EnvVar, V1PodSpec } from "@kubernetes/client-node";
import { RESTRICTED } from "#operator/sseservice/resources/security.ts";
import { HEALTH_PORT, HEALTH_PORT_NAME, LABELS, NAME, SELECTOR } from "./identity.ts";
import type { InstallOptions } from "./options.ts";

/** Measured: 85 MB without a service, 88 with one, 136 after a hundred were made at once. */
export const OPERATOR_RESOURCES = {
  requests: { cpu: "50m", memory: "96Mi" },
  limits: { memory: "384Mi" },
};

export function buildDeployment(options: InstallOptions): V1Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace: options.namespace, labels: LABELS },
    spec: {
      replicas: 2,
      selector: { matchLabels: SELECTOR },
      template: { metadata: { labels: LABELS }, spec: buildPodSpec(options) },
    },
  };
}

function buildPodSpec(options: InstallOptions): V1PodSpec {
  return {
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
        labelSelector: { matchLabels: SELECTOR },
        // Else the old pods of a rollout count, and the new ones end up on one node.
        matchLabelKeys: ["pod-template-hash"],
      },
    ],
    containers: [
      {
        name: "operator",
        image: options.images.operator,
        args: ["run"],
        env: buildEnvironment(options),
        ports: [{ name: HEALTH_PORT_NAME, containerPort: HEALTH_PORT, protocol: "TCP" }],
        startupProbe: {
          httpGet: { path: "/healthz", port: HEALTH_PORT_NAME },
          periodSeconds: 1,
          failureThreshold: 60,
        },
        readinessProbe: { httpGet: { path: "/readyz", port: HEALTH_PORT_NAME }, periodSeconds: 5 },
        livenessProbe: {
          httpGet: { path: "/healthz", port: HEALTH_PORT_NAME },
          periodSeconds: 10,
          timeoutSeconds: 5,
        },
        resources: OPERATOR_RESOURCES,
        securityContext: RESTRICTED,
      },
    ],
  };
}

/** As `operator/config.ts` reads it. */
function buildEnvironment({ images, namespace, scope }: InstallOptions): V1EnvVar[] {
  return [
    { name: "SSE_RUNTIME_IMAGE", value: images.runtime },
    { name: "SSE_NGINX_IMAGE", value: images.nginx },
    { name: "SSE_VALKEY_IMAGE", value: images.valkey },
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
    ...(scope.kind === "Cluster" ? [] : [watchNamespace(scope.namespace, namespace)]),
    ...(scope.kind === "Cluster" || scope.followsNodes ? [] : [{ name: "FOLLOW_NODES", value: "false" }]),
  ];
}

/** Its own namespace is the pod's to know, so that an overlay may move all of it. */
function watchNamespace(served: string, own: string): V1EnvVar {
  const name = "WATCH_NAMESPACE";
  return served === own
    ? { name, valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }
    : { name, value: served };
}
