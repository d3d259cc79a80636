/** The Helm chart: the same objects as every other installation, with its values in their places. Pure; `charts/` holds it. */
import { buildCrd } from "#operator/sseservice/crd.ts";
import { buildValuesSchema, buildValuesYaml } from "./chart-values.ts";
import { buildDeployment } from "./deployment.ts";
import { buildNetworkPolicy } from "./network-policy.ts";
import type { InstallOptions } from "./options.ts";
import { buildPodDisruptionBudget } from "./pod-disruption-budget.ts";
import {
  buildClusterRbac,
  buildNamespaceRbac,
  buildNodesRbac,
  buildOwnRbac,
  buildServiceAccount,
} from "./rbac.ts";
import { toYaml } from "./yaml.ts";

const WATCHED = "{{ .Values.watchNamespace }}";

/** Built as any installation, but that Helm's expressions stand where names do. */
const TEMPLATED: InstallOptions = {
  namespace: "{{ .Release.Namespace }}",
  images: {
    operator: "{{ .Values.images.operator }}",
    runtime: "{{ .Values.images.runtime }}",
    nginx: "{{ .Values.images.nginx }}",
    valkey: "{{ .Values.images.valkey }}",
  },
  scope: { kind: "Cluster" },
};

/** Objects for prometheus-operator. */
export interface Monitoring {
  readonly podMonitors: readonly object[];
  readonly alerts: object;
}

/** Path below the chart's folder -> content. */
export function buildChart(
  version: string,
  { podMonitors, alerts }: Monitoring,
): ReadonlyMap<string, string> {
  return new Map([
    ["Chart.yaml", toYaml([chartMetadata(version)])],
    ["values.yaml", buildValuesYaml()],
    ["values.schema.json", buildValuesSchema()],
    ["templates/crd.yaml", when(".Values.crd.install", toTemplate([keptCrd()]))],
    ["templates/rbac.yaml", rbac()],
    ["templates/network-policy.yaml", when(".Values.networkPolicy.enabled", toTemplate([networkPolicy()]))],
    ["templates/pod-disruption-budget.yaml", toTemplate([buildPodDisruptionBudget(TEMPLATED)])],
    ["templates/pod-monitors.yaml", when(".Values.monitoring.podMonitors", toLiteral(podMonitors))],
    ["templates/alerts.yaml", when(".Values.monitoring.alerts", toLiteral([alerts]))],
    ["templates/deployment.yaml", toTemplate([deployment()])],
  ]);
}

function chartMetadata(version: string): object {
  return {
    apiVersion: "v2",
    name: "sse-operator",
    description: "Server-Sent Events services with HTTP/2 sidecars, from a four-line resource",
    type: "application",
    version,
    appVersion: version,
    kubeVersion: ">=1.30.0-0",
  };
}

/** Helm would delete the definition at an uninstall, and every SseService of the cluster with it. */
function keptCrd(): object {
  const { metadata, ...crd } = buildCrd();
  return { ...crd, metadata: { ...metadata, annotations: { "helm.sh/resource-policy": "keep" } } };
}

function rbac(): string {
  const forNamespace = toTemplate(buildNamespaceRbac(TEMPLATED, WATCHED));
  const forNodes = when(".Values.followNodes", `---\n${toTemplate(buildNodesRbac(TEMPLATED))}`);
  const forCluster = toTemplate(buildClusterRbac(TEMPLATED));
  return [
    toTemplate([buildServiceAccount(TEMPLATED), ...buildOwnRbac(TEMPLATED)]),
    "---\n",
    `{{- if .Values.watchNamespace }}\n${forNamespace}${forNodes}{{- else }}\n${forCluster}{{- end }}\n`,
  ].join("");
}

function networkPolicy(): object {
  const ports =
    "[{{ range $index, $port := .Values.networkPolicy.apiServerPorts }}{{ if $index }}, {{ end }}{port: {{ $port }}, protocol: TCP}{{ end }}]";
  return replaceAt(buildNetworkPolicy(TEMPLATED), ["spec", "egress", "0", "ports"], expression(ports));
}

function deployment(): object {
  const pod = ["spec", "template", "spec"];
  const container = [...pod, "containers", "0"];
  const environment = buildDeployment(TEMPLATED).spec?.template.spec?.containers[0]?.env ?? [];
  const replacements: readonly (readonly [path: readonly string[], value: unknown])[] = [
    [["spec", "replicas"], expression("{{ .Values.replicas }}")],
    [[...pod, "imagePullSecrets"], json("imagePullSecrets")],
    [[...pod, "nodeSelector"], json("nodeSelector")],
    [[...pod, "tolerations"], json("tolerations")],
    [[...pod, "affinity"], json("affinity")],
    [[...pod, "priorityClassName"], "{{ .Values.priorityClassName }}"],
    [[...container, "resources"], json("resources")],
    [
      [...container, "env"],
      [
        ...environment,
        { name: "WATCH_NAMESPACE", value: WATCHED },
        { name: "FOLLOW_NODES", value: "{{ or (not .Values.watchNamespace) .Values.followNodes }}" },
        { name: "LOG_LEVEL", value: "{{ .Values.logLevel }}" },
      ],
    ],
  ];
  return replacements.reduce<object>(
    (object, [path, value]) => replaceAt(object, path, value),
    buildDeployment(TEMPLATED),
  );
}

function when(condition: string, template: string): string {
  return `{{- if ${condition} }}\n${template}{{- end }}\n`;
}

/** An expression that stands for more than a text: it is written without the quotes that YAML would put around it. */
function expression(text: string): string {
  return `<<${text}>>`;
}

/** JSON is YAML, of whatever depth it is put at. */
function json(value: string): string {
  return expression(`{{ toJson .Values.${value} }}`);
}

function toTemplate(objects: readonly object[]): string {
  return toYaml(objects).replaceAll(/"?<<(.*)>>"?/g, "$1");
}

/** Objects of the release's namespace with braces of their own, which are Prometheus' and not Helm's. */
function toLiteral(objects: readonly object[]): string {
  const moved = objects.map((object) => replaceAt(object, ["metadata", "namespace"], undefined));
  return toYaml(moved).replaceAll("{{", '{{ "{{" }}');
}

/** A copy of the value with something else at the path. */
function replaceAt(value: object, [key = "", ...rest]: readonly string[], replacement: unknown): object {
  const inner: unknown = Reflect.get(value, key);
  const next =
    rest.length === 0
      ? replacement
      : replaceAt(typeof inner === "object" && inner ? inner : {}, rest, replacement);
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === key ? next : item));
  return { ...value, [key]: next };
}
