/** A Grafana dashboard from a table of panels; each panel's description is its metric's own. Pure. */
import { METRICS } from "./catalog.ts";

interface Panel {
  readonly title: string;
  /** Which the panel is about. */
  readonly metric: string;
  readonly unit: string;
  /** Legend -> PromQL. */
  readonly queries: Readonly<Record<string, string>>;
}

const PODS = `namespace=~"$namespace", sseservice=~"$sseservice"`;
const SERVICES = `namespace=~"$namespace", name=~"$sseservice"`;
const OPERATOR = `controller="sseservice"`;

const perPod = (metric: string) => ({ "{{pod}}": `sum by (pod) (${metric}{${PODS}})` });
const rate = (metric: string) => `rate(${metric}{${PODS}}[$__rate_interval])`;
const byReason = (metric: string) => ({ "{{reason}}": `sum by (reason) (${rate(metric)})` });
const quantile = (part: number, metric: string, matchers: string) =>
  `histogram_quantile(${part}, sum by (le) (rate(${metric}_bucket{${matchers}}[$__rate_interval])))`;

export const ROWS: Readonly<Record<string, readonly Panel[]>> = {
  Streams: [
    { title: "Subscribers", metric: "sse_subscribers", unit: "short", queries: perPod("sse_subscribers") },
    {
      title: "Streams begun",
      metric: "sse_streams_accepted_total",
      unit: "ops",
      queries: {
        begun: `sum(${rate("sse_streams_accepted_total")})`,
        resumed: `sum(${rate("sse_streams_resumed_total")})`,
      },
    },
    {
      title: "Streams ended",
      metric: "sse_streams_ended_total",
      unit: "ops",
      queries: byReason("sse_streams_ended_total"),
    },
    {
      title: "Streams refused",
      metric: "sse_streams_refused_total",
      unit: "ops",
      queries: byReason("sse_streams_refused_total"),
    },
    { title: "Gaps told", metric: "sse_gaps_total", unit: "ops", queries: byReason("sse_gaps_total") },
    {
      title: "Bytes that wait for slow subscribers",
      metric: "sse_buffered_bytes",
      unit: "bytes",
      queries: perPod("sse_buffered_bytes"),
    },
  ],
  Events: [
    {
      title: "Events in",
      metric: "sse_events_in_total",
      unit: "ops",
      queries: { "{{pod}}": `sum by (pod) (${rate("sse_events_in_total")})` },
    },
    {
      title: "Events out",
      metric: "sse_events_out_total",
      unit: "ops",
      queries: { "{{pod}}": `sum by (pod) (${rate("sse_events_out_total")})` },
    },
    {
      title: "Bytes out",
      metric: "sse_bytes_out_total",
      unit: "Bps",
      queries: { "{{pod}}": `sum by (pod) (${rate("sse_bytes_out_total")})` },
    },
    {
      title: "Time to publish",
      metric: "sse_publish_duration_seconds",
      unit: "s",
      queries: {
        p50: quantile(0.5, "sse_publish_duration_seconds", PODS),
        p99: quantile(0.99, "sse_publish_duration_seconds", PODS),
      },
    },
    {
      title: "Backplane lag",
      metric: "sse_backplane_lag_seconds",
      unit: "s",
      queries: perPod("sse_backplane_lag_seconds"),
    },
    {
      title: "History",
      metric: "sse_history_bytes",
      unit: "bytes",
      queries: perPod("sse_history_bytes"),
    },
  ],
  Pods: [
    {
      title: "Event-loop delay",
      metric: "nodejs_eventloop_lag_p99_seconds",
      unit: "s",
      queries: perPod("nodejs_eventloop_lag_p99_seconds"),
    },
    {
      title: "CPU",
      metric: "process_cpu_seconds_total",
      unit: "percentunit",
      queries: { "{{pod}}": `sum by (pod) (${rate("process_cpu_seconds_total")})` },
    },
    {
      title: "Memory",
      metric: "process_resident_memory_bytes",
      unit: "bytes",
      queries: perPod("process_resident_memory_bytes"),
    },
  ],
  Operator: [
    {
      title: "Services that are not Ready",
      metric: "sse_operator_condition",
      unit: "short",
      queries: {
        "{{namespace}}/{{name}}: {{reason}}": `max by (namespace, name, reason) (sse_operator_condition{${SERVICES}, type="Ready", status!="True"})`,
      },
    },
    {
      title: "Certificates expire in",
      metric: "sse_operator_certificate_expiration_timestamp_seconds",
      unit: "s",
      queries: {
        "{{namespace}}/{{name}}": `sse_operator_certificate_expiration_timestamp_seconds{${SERVICES}} - time()`,
      },
    },
    {
      title: "Reconciles",
      metric: "controller_runtime_reconcile_total",
      unit: "ops",
      queries: {
        "{{result}}": `sum by (result) (rate(controller_runtime_reconcile_total{${OPERATOR}}[$__rate_interval]))`,
      },
    },
    {
      title: "Time to reconcile",
      metric: "controller_runtime_reconcile_time_seconds",
      unit: "s",
      queries: {
        p50: quantile(0.5, "controller_runtime_reconcile_time_seconds", OPERATOR),
        p99: quantile(0.99, "controller_runtime_reconcile_time_seconds", OPERATOR),
      },
    },
    {
      title: "Queue",
      metric: "workqueue_depth",
      unit: "short",
      queries: { "priority {{priority}}": `sum by (priority) (workqueue_depth{${OPERATOR}})` },
    },
    {
      title: "Writes",
      metric: "sse_operator_writes_total",
      unit: "ops",
      queries: {
        "{{kind}} {{reason}}": "sum by (kind, reason) (rate(sse_operator_writes_total[$__rate_interval]))",
      },
    },
    {
      title: "Silence of the watches",
      metric: "sse_operator_watch_silence_seconds",
      unit: "s",
      queries: { "{{kind}}": "max by (kind) (sse_operator_watch_silence_seconds)" },
    },
  ],
};

const WIDTH = 8;
const HEIGHT = 8;
const PANELS_PER_LINE = 3;
const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

export function buildDashboard() {
  return {
    uid: "sse-operator",
    title: "SSE services",
    tags: ["sse-operator"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: buildVariables() },
    panels: layOut(),
  };
}

function buildVariables() {
  const query = (name: string, label: string, expression: string) => ({
    name,
    label,
    type: "query",
    datasource: DATASOURCE,
    query: expression,
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  });
  return [
    { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
    query("namespace", "Namespace", "label_values(sse_subscribers, namespace)"),
    query("sseservice", "Service", `label_values(sse_subscribers{namespace=~"$namespace"}, sseservice)`),
  ];
}

function layOut(): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const [title, row] of Object.entries(ROWS)) {
    panels.push({ id: panels.length + 1, type: "row", title, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] });
    y += 1;
    for (const [index, panel] of row.entries()) {
      const line = Math.floor(index / PANELS_PER_LINE);
      const gridPos = {
        x: (index % PANELS_PER_LINE) * WIDTH,
        y: y + line * HEIGHT,
        w: WIDTH,
        h: HEIGHT,
      };
      panels.push({ id: panels.length + 1, ...buildPanel(panel), gridPos });
    }
    y += Math.ceil(row.length / PANELS_PER_LINE) * HEIGHT;
  }
  return panels;
}

function buildPanel({ title, metric, unit, queries }: Panel): object {
  return {
    type: "timeseries",
    title,
    description: METRICS[metric]?.help,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  };
}
