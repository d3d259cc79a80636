/** The page about what can be measured: every metric, what its labels say, every alert; from their definitions. */
import type { ApplyReason } from "#operator/engine/applied-memo.ts";
import { OPERATOR_METRICS } from "#operator/metrics/definitions.ts";
import { MONITORING_NAMESPACE_LABELS } from "#operator/sseservice/labels.ts";
import { RUNTIME_METRICS } from "#runtime/http/metric-definitions.ts";
import { type Alert, OPERATOR_ALERTS, SERVICE_ALERTS } from "./alerts.ts";
import { type Metric, PROCESS_METRICS, REASONS } from "./catalog.ts";

const [MONITORING_LABEL = ["", ""]] = Object.entries(MONITORING_NAMESPACE_LABELS);

const WRITE_REASONS: Readonly<Record<ApplyReason | "deleted" | "status", string>> = {
  missing: "the child did not exist",
  unknown: "the child carries no mark of an earlier apply: another release made it",
  desiredChanged: "the resource or something that it depends on asks for something else now",
  recreated: "somebody deleted the child and made another one",
  ownedFieldsChanged: "somebody edited what the operator owns",
  deleted: "the resource does not ask for the child any more",
  status: "the status of an SseService changed",
};

export function buildMetricsReference(): string {
  return `# Metrics

Generated from the definitions by \`npm run generate\`. All are in Prometheus' text format, and none is labelled by topic:
topics may be millions.

## How to read them

| | Where |
| --- | --- |
| service   | each pod, port \`management\` (9090): \`/metrics\`, \`/stats\` as JSON, \`/healthz\`, \`/readyz\` |
| operator  | each replica, port \`health\` (8080): \`/metrics\`, \`/healthz\`, \`/readyz\` |

NetworkPolicies keep both for the pods of namespaces with a label (and the services' for the operator), so let your
Prometheus in:

\`\`\`sh
kubectl label namespace monitoring ${MONITORING_LABEL.join("=")}
\`\`\`

With [prometheus-operator](https://prometheus-operator.dev), \`kubectl apply -f deploy/monitoring/\` sets up the rest:
PodMonitors for both, the alerts below as a PrometheusRule, and the Grafana dashboard as a ConfigMap labelled
\`grafana_dashboard: "1"\`. A Prometheus that picks its objects by label needs that label added to them. The dashboard
alone is [deploy/grafana/sse-services.json](../deploy/grafana/sse-services.json), to be imported by hand.

The PodMonitors give each sample of a service the labels \`namespace\`, \`pod\` and \`sseservice\`. Whoever scrapes in
another way should do the same, and let the operator's own labels win (\`honor_labels\`).

\`/healthz\` of the operator fails when a reconcile has lasted for more than twice its deadline, or a watch has neither
heard nor tried anything for five minutes; an API server that is away is no reason. \`/readyz\` turns 200 after the first
sync of all watches.

## Of a service's pods

${metricTable(RUNTIME_METRICS)}

Values of \`reason\`, all from the start; what they mean is told in [the wire](wire.md#ends):

${Object.entries(REASONS)
  .map(([name, values]) => `- \`${name}\`: ${values.map(code).join(", ")}`)
  .join("\n")}

\`outcome\` is \`stored\`, \`repeated\` (the \`Idempotency-Key\` was known), \`refused\` or \`unknown\`.

## Of the operator

Those without \`sse_\` are controller-runtime's and client-go's, with the same labels and buckets: what was made for
other operators works here. \`controller\` and \`name\` are \`sseservice\`.

${metricTable(OPERATOR_METRICS)}

\`reason\` of \`sse_operator_writes_total\`:

| reason | |
| --- | --- |
${Object.entries(WRITE_REASONS)
  .map(([reason, meaning]) => `| ${code(reason)} | ${meaning} |`)
  .join("\n")}

## Of both

Among the metrics of Node.js and the process:

${metricTable(PROCESS_METRICS)}

## Alerts

${[...OPERATOR_ALERTS, ...SERVICE_ALERTS].map(describeAlert).join("\n\n")}
`;
}

function metricTable(metrics: Readonly<Record<string, Metric>>): string {
  const rows = Object.entries(metrics).map(
    ([name, { type, labels, help }]) =>
      `| ${code(name)} | ${type} | ${labels.map(code).join(", ")} | ${help.replace(/<\w+>/, code)} |`,
  );
  return ["| Metric | Type | Labels | Meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function describeAlert({ name, severity, expression, lasting, action }: Alert): string {
  return `### ${name}

${severity}, when for ${lasting}:

\`\`\`promql
${expression}
\`\`\`

${action}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
