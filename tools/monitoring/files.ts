/** What is generated for whoever watches: objects for prometheus-operator, the dashboard, and the page about all of it. */
import { RELEASE } from "#operator/install/release.ts";
import { toYaml } from "#operator/install/yaml.ts";
import { buildDashboard } from "./dashboard.ts";
import {
  buildOperatorPodMonitor,
  buildPrometheusRule,
  buildServicePodMonitor,
} from "./prometheus-objects.ts";
import { buildMetricsReference } from "./reference.ts";

/** Path below the repository, and content. */
export function monitoringFiles(header: string): (readonly [string, string])[] {
  const { namespace } = RELEASE;
  const yaml = (...objects: object[]) => header + toYaml(objects);
  const dashboard = `${JSON.stringify(buildDashboard(), undefined, 2)}\n`;
  return [
    [
      "deploy/monitoring/pod-monitors.yaml",
      yaml(buildOperatorPodMonitor(namespace), buildServicePodMonitor(namespace)),
    ],
    ["deploy/monitoring/alerts.yaml", yaml(buildPrometheusRule(namespace))],
    ["deploy/monitoring/dashboard.yaml", yaml(buildDashboardConfigMap(dashboard))],
    ["deploy/grafana/sse-services.json", dashboard],
    ["docs/metrics.md", buildMetricsReference()],
  ];
}

/** As the sidecar of Grafana's Helm chart looks for it. */
function buildDashboardConfigMap(dashboard: string): object {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "sse-services-dashboard",
      namespace: RELEASE.namespace,
      labels: { grafana_dashboard: "1" },
    },
    data: { "sse-services.json": dashboard },
  };
}
