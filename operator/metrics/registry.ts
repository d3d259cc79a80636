/** The defined metrics as values that can be counted up, set and observed. The only file that knows the Prometheus client. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { type LabelsOf, type MetricDefinition, type MetricName, OPERATOR_METRICS } from "./definitions.ts";

export interface Sample<Name extends MetricName> {
  readonly labels: LabelsOf<Name>;
  readonly value: number;
}

export interface MetricRegistry {
  readonly contentType: string;
  render(): Promise<string>;
  add<Name extends MetricName>(name: Name, labels: LabelsOf<Name>, amount?: number): void;
  observe<Name extends MetricName>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
  /** The metric has these values, and no others. For what is counted or measured elsewhere. */
  replace<Name extends MetricName>(name: Name, samples: readonly Sample<Name>[]): void;
}

/** With those of the process and of Node.js; `refresh` is called before each reading. */
export function createMetricRegistry(refresh: () => void): MetricRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = new Map<string, Counter | Gauge | Histogram>();
  for (const [name, definition] of Object.entries<MetricDefinition>(OPERATOR_METRICS)) {
    metrics.set(name, createMetric(registry, name, definition));
  }
  return {
    contentType: registry.contentType,
    render: () => {
      refresh();
      return registry.metrics();
    },
    add: (name, labels, amount = 1) => {
      const metric = metrics.get(name);
      if (metric instanceof Counter || metric instanceof Gauge) metric.inc(labels, amount);
    },
    observe: (name, labels, seconds) => {
      const metric = metrics.get(name);
      if (metric instanceof Histogram) metric.observe(labels, seconds);
    },
    replace: (name, samples) => {
      const metric = metrics.get(name);
      if (!(metric instanceof Counter || metric instanceof Gauge)) return;
      metric.reset();
      for (const { labels, value } of samples) metric.inc(labels, value);
    },
  };
}

function createMetric(
  registry: Registry,
  name: string,
  { type, help, labels, buckets }: MetricDefinition,
): Counter | Gauge | Histogram {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  switch (type) {
    case "counter":
      return new Counter(options);
    case "gauge":
      return new Gauge(options);
    case "histogram":
      return new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) });
  }
}
