/** What is measured over TLS and HTTP/2, what is promised of it, and how it is shown. */
import { cpuUsPerDelivery, deliveryRate, phaseOf } from "../load/figures.ts";
import type { LoadReport } from "../load/load.ts";
import type { Promised } from "../report/promises.ts";
import { microseconds, milliseconds, thousands, type Column } from "../report/tables.ts";
import type { SecurePeerName } from "./peers.ts";

export interface PairFigures {
  /** Deliveries a second with 8 publishers, and with 1. */
  readonly many: number;
  readonly single: number;
  /** At 10 events a second. */
  readonly cpuUsPerDelivery: number;
  readonly p99Ms: number;
}

type Metric = keyof PairFigures;

export function measure(report: LoadReport): PairFigures {
  const calm = phaseOf(report, "calm");
  return {
    many: deliveryRate(phaseOf(report, "many")),
    single: deliveryRate(phaseOf(report, "single")),
    cpuUsPerDelivery: cpuUsPerDelivery(calm),
    p99Ms: calm.P99Ms,
  };
}

const beside = { of: "pod", against: ["centrifugo"] } as const;

export const promises: readonly Promised<SecurePeerName, Metric>[] = [
  { title: "deliveries/s, 8 publishers", metric: "many", ...beside, bound: "atLeast", reach: 2 },
  { title: "deliveries/s, 1 publisher", metric: "single", ...beside, bound: "atLeast", reach: 2 },
  {
    title: "CPU per delivery at 10 events/s",
    metric: "cpuUsPerDelivery",
    ...beside,
    bound: "atMost",
    reach: 0.9,
  },
];

export const columns: readonly Column<Metric>[] = [
  { title: "8 publishers, deliveries/s", metric: "many", format: thousands },
  { title: "1 publisher, deliveries/s", metric: "single", format: thousands },
  { title: "CPU a delivery", metric: "cpuUsPerDelivery", format: microseconds },
  { title: "p99", metric: "p99Ms", format: milliseconds },
];

export const notes = `What they are:

- Each is reached over one TLS port, by subscribers over HTTP/2 and by publishers over HTTP/1.1 with a connection each.
- nginx has the configuration that the operator writes for a pod, and its two workers; with the runtime they share the
  one core that Centrifugo has for itself.
- Every publisher sends its next event as soon as the last is answered.
- CPU counts all processes and their threads, and the kernel's work on their behalf.`;
