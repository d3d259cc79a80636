import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { V1Deployment } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { RELEASE } from "#operator/install/release.ts";
import { createOperatorMetrics } from "#operator/metrics/metrics.ts";
import { buildDeployment } from "#operator/sseservice/resources/deployment.ts";
import { images, service } from "#operator/test/fixtures.ts";
import { OPERATOR_ALERTS, SERVICE_ALERTS } from "./alerts.ts";
import { METRICS, type Metric, PROCESS_METRICS, REASONS } from "./catalog.ts";
import { buildDashboard, ROWS } from "./dashboard.ts";
import { buildOperatorPodMonitor, buildServicePodMonitor } from "./prometheus-objects.ts";
import { parsePromQl, type Selector } from "./promql.ts";

/** What Prometheus adds to every sample; `sseservice` comes from our PodMonitor. */
const TARGET_LABELS = ["namespace", "pod", "sseservice"];
const ALERTS = [...OPERATOR_ALERTS, ...SERVICE_ALERTS];
const PANELS = Object.values(ROWS).flat();

const EXPRESSIONS = [
  ...ALERTS.map(({ name, expression }) => [name, expression] as const),
  ...PANELS.flatMap(({ title, queries }) =>
    Object.values(queries).map((query) => [title, fillVariables(query)] as const),
  ),
];

/** As Grafana does it. */
function fillVariables(query: string): string {
  return query.replaceAll("$__rate_interval", "5m").replaceAll(/\$\w+/g, ".*");
}

function metricOf(name: string): Metric | undefined {
  const base = METRICS[name.replace(/_(bucket|sum|count)$/, "")];
  return METRICS[name] ?? (base?.type === "histogram" ? base : undefined);
}

function labelsOf({ metric }: Selector): string[] {
  const labels = [...(metricOf(metric)?.labels ?? []), ...TARGET_LABELS];
  return metric.endsWith("_bucket") ? [...labels, "le"] : labels;
}

describe.each(EXPRESSIONS)("%s: %s", (_, text) => {
  const { selectors, groupings } = parsePromQl(text);
  const labels = selectors.flatMap(labelsOf);

  test("names metrics that exist", () => {
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric } of selectors) expect(metricOf(metric), metric).toBeDefined();
  });

  test("matches and groups by labels that they have", () => {
    for (const selector of selectors) {
      for (const { label } of selector.matchers) expect(labelsOf(selector)).toContain(label);
    }
    for (const label of groupings) expect(labels).toContain(label);
  });

  test("asks for reasons that there are", () => {
    for (const { metric, matchers } of selectors) {
      const values = matchers.filter(({ label }) => label === "reason").flatMap(({ values }) => values);
      for (const value of values) expect(REASONS[metric]).toContain(value);
    }
  });
});

describe("an alert", () => {
  test.each(ALERTS)("$name speaks of labels that it has", ({ expression, summary }) => {
    const { selectors, groupings } = parsePromQl(expression);
    const has = groupings.length > 0 ? groupings : selectors.flatMap(labelsOf);
    const named = [...summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
    for (const label of named) expect(has).toContain(label);
  });

  test("has a name of its own", () => {
    expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
  });
});

describe("the dashboard", () => {
  interface Placed {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  }
  const panels = buildDashboard().panels as Placed[];

  test("describes every panel as its metric is defined", () => {
    for (const { title, metric } of PANELS) expect(METRICS[metric]?.help, title).toBeDefined();
  });

  test("has no two panels at one place", () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe("a PodMonitor", () => {
  const [installed] = buildInstallManifests(RELEASE).filter(({ kind }) => kind === "Deployment");
  test.each([
    ["the operator", buildOperatorPodMonitor("sse-operator"), installed as V1Deployment],
    ["a service", buildServicePodMonitor("sse-operator"), buildDeployment(service(), images)],
  ])("of %s finds its pods and a port that they have", (_, { spec }, deployment) => {
    const template = deployment.spec?.template;
    expect(template?.metadata?.labels).toMatchObject(spec.selector.matchLabels);
    const ports = template?.spec?.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
    for (const { port } of spec.podMetricsEndpoints) expect(ports).toContain(port);
  });
});

test.each(Object.values(REASONS).flat())("docs/wire.md tells what the reason %s means", async (reason) => {
  const page = await readFile(join(import.meta.dirname, "..", "..", "docs", "wire.md"), "utf8");
  expect(page).toMatch(new RegExp(`^\\| \`${reason}\` +\\|`, "m"));
});

test("the listed metrics of the process and Node.js are there", async () => {
  const text = await createOperatorMetrics().render();
  for (const [name, { type }] of Object.entries(PROCESS_METRICS)) {
    expect(text).toContain(`# TYPE ${name} ${type}\n`);
  }
});

test("what is no PromQL is refused", () => {
  expect(() => parsePromQl("sum((")).toThrow("Cannot read");
});
