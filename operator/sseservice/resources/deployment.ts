/**
 * The Deployment: the runtime and nginx side by side, in the shape that loses no stream when a pod leaves. Pure.
 *
 * At termination nginx sleeps until no node routes to the pod any more, then gets SIGQUIT (its image's stop signal):
 * it tells every HTTP/2 client to open its next stream elsewhere, and serves on. The runtime has no hook: at SIGTERM it
 * waits for nginx's port to close, and only then ends its streams, one by one.
 */
import type { V1Container, V1Deployment, V1PodSpec, V1ResourceRequirements } from "@kubernetes/client-node";
import { childLabels, CONFIG_HASH_ANNOTATION, selectorLabels } from "../labels.ts";
import { certificateSecretName, configMapName, deploymentName, serviceAccountName } from "../names.ts";
import type { Resources } from "../pod-schema.ts";
import type { SseService } from "../spec.ts";
import { configHash, NGINX_CONF_KEY, RUNTIME_JSON_KEY } from "./config-map.ts";
import { type Child, childMetadata } from "./metadata.ts";
import { buildPlacement } from "./placement.ts";
import { buildRuntimeMounts } from "./runtime-mounts.ts";
import { RESTRICTED } from "./security.ts";
import {
  HTTPS_PORT,
  MANAGEMENT_PORT,
  NGINX_CONFIG_DIRECTORY,
  PRE_STOP_SLEEP_SECONDS,
  RUNTIME_CONFIG_DIRECTORY,
  SOCKET_DIRECTORY,
  TERMINATION_SLACK_SECONDS,
  TLS_DIRECTORY,
  USER_ID,
} from "./pod-layout.ts";

/** The images that the operator's release goes with; a spec may name others. */
export interface DefaultImages {
  readonly runtime: string;
  readonly nginx: string;
  readonly valkey: string;
}

export function buildDeployment(service: SseService, defaults: DefaultImages): Child<V1Deployment> {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: childMetadata(service, deploymentName(service.name)),
    spec: {
      replicas: service.spec.replicas,
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: 120,
      selector: { matchLabels: selectorLabels(service.name) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...service.spec.pod.labels, ...childLabels(service.name) },
          annotations: { ...service.spec.pod.annotations, [CONFIG_HASH_ANNOTATION]: configHash(service) },
        },
        spec: buildPodSpec(service, defaults),
      },
    },
  };
}

function buildPodSpec(service: SseService, defaults: DefaultImages): V1PodSpec {
  const { name, spec } = service;
  const { affinity, topologySpreadConstraints } = spec.pod;
  return {
    serviceAccountName: serviceAccountName(name),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds:
      PRE_STOP_SLEEP_SECONDS + spec.drain.timeoutSeconds + TERMINATION_SLACK_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER_ID,
      runAsGroup: USER_ID,
      fsGroup: USER_ID,
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(topologySpreadConstraints.length > 0 && {
      topologySpreadConstraints: topologySpreadConstraints.map((constraint) => ({
        ...constraint,
        labelSelector: { matchLabels: selectorLabels(name) },
      })),
    }),
    ...(affinity && { affinity }),
    ...buildPlacement(spec.pod),
    containers: [
      runtimeContainer(service, spec.images.runtime ?? defaults.runtime),
      nginxContainer(service, spec.images.nginx ?? defaults.nginx),
    ],
    volumes: [
      { name: "socket", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
      { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
      { name: "config", configMap: { name: configMapName(name) } },
      { name: "tls", secret: { secretName: certificateSecretName(name) } },
      ...buildRuntimeMounts(service).volumes,
    ],
  };
}

function runtimeContainer(service: SseService, image: string): V1Container {
  return {
    name: "runtime",
    image,
    env: [
      { name: "SSE_CONFIG", value: `${RUNTIME_CONFIG_DIRECTORY}/${RUNTIME_JSON_KEY}` },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ],
    ports: [{ name: "management", containerPort: MANAGEMENT_PORT, protocol: "TCP" }],
    resources: buildResources(service.spec.pod.resources.runtime),
    securityContext: RESTRICTED,
    // So that the status can tell why a container ended.
    terminationMessagePolicy: "FallbackToLogsOnError",
    startupProbe: {
      httpGet: { path: "/readyz", port: "management" },
      periodSeconds: 1,
      failureThreshold: 60,
    },
    readinessProbe: {
      httpGet: { path: "/readyz", port: "management" },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
    livenessProbe: {
      httpGet: { path: "/healthz", port: "management" },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    volumeMounts: [
      { name: "socket", mountPath: SOCKET_DIRECTORY },
      { name: "config", mountPath: RUNTIME_CONFIG_DIRECTORY, readOnly: true },
      ...buildRuntimeMounts(service).volumeMounts,
    ],
  };
}

function nginxContainer(service: SseService, image: string): V1Container {
  return {
    name: "nginx",
    image,
    command: ["nginx", "-c", `${NGINX_CONFIG_DIRECTORY}/${NGINX_CONF_KEY}`, "-g", "daemon off;"],
    ports: [{ name: "https", containerPort: HTTPS_PORT, protocol: "TCP" }],
    resources: buildResources(service.spec.pod.resources.nginx),
    securityContext: RESTRICTED,
    // So that the status can tell why a container ended.
    terminationMessagePolicy: "FallbackToLogsOnError",
    startupProbe: { tcpSocket: { port: "https" }, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: {
      tcpSocket: { port: "https" },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
    lifecycle: { preStop: { sleep: { seconds: PRE_STOP_SLEEP_SECONDS } } },
    volumeMounts: [
      { name: "socket", mountPath: SOCKET_DIRECTORY },
      { name: "config", mountPath: NGINX_CONFIG_DIRECTORY, readOnly: true },
      { name: "tls", mountPath: TLS_DIRECTORY, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function buildResources({ requests = {}, limits = {} }: Resources): V1ResourceRequirements {
  return { requests: buildQuantities(requests), limits: buildQuantities(limits) };
}

function buildQuantities(amounts: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, String(amount)]));
}
