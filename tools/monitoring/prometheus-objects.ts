/** What prometheus-operator reads: where the metrics are, and when to alert. All lie in the operator's namespace. Pure. */
import { OPERATOR_LABELS } from "#operator/sseservice/labels.ts";
import { type Alert, OPERATOR_ALERTS, SERVICE_ALERTS } from "./alerts.ts";

const API_VERSION = "monitoring.coreos.com/v1";
const DOCUMENT = "docs/metrics.md#alerts";

const metadata = (name: string, namespace: string) => ({ name, namespace, labels: OPERATOR_LABELS });

/** The operator's own labels win over those of its pod: they name the service that a sample is about. */
export function buildOperatorPodMonitor(namespace: string) {
  return {
    apiVersion: API_VERSION,
    kind: "PodMonitor",
    metadata: metadata("sse-operator", namespace),
    spec: {
      selector: { matchLabels: OPERATOR_LABELS },
      podMetricsEndpoints: [{ port: "health", path: "/metrics", honorLabels: true }],
    },
  };
}

/** Every pod that serves streams, in every namespace; the service's name becomes the label `sseservice`. */
export function buildServicePodMonitor(namespace: string) {
  return {
    apiVersion: API_VERSION,
    kind: "PodMonitor",
    metadata: metadata("sse-services", namespace),
    spec: {
      namespaceSelector: { any: true },
      selector: { matchLabels: { "app.kubernetes.io/name": "sseservice" } },
      podMetricsEndpoints: [
        {
          port: "management",
          path: "/metrics",
          relabelings: [
            {
              sourceLabels: ["__meta_kubernetes_pod_label_app_kubernetes_io_instance"],
              targetLabel: "sseservice",
            },
          ],
        },
      ],
    },
  };
}

export function buildPrometheusRule(namespace: string) {
  return {
    apiVersion: API_VERSION,
    kind: "PrometheusRule",
    metadata: metadata("sse-operator", namespace),
    spec: {
      groups: [
        { name: "sse-operator", rules: OPERATOR_ALERTS.map(buildRule) },
        { name: "sse-services", rules: SERVICE_ALERTS.map(buildRule) },
      ],
    },
  };
}

function buildRule({ name, severity, expression, lasting, summary, action }: Alert) {
  return {
    alert: name,
    expr: expression,
    for: lasting,
    labels: { severity },
    annotations: { summary, description: `${action} (${DOCUMENT})` },
  };
}
