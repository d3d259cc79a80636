/** What a restart costs the subscribers and the runtime, what is promised of it, and how it is shown. */
import type { Promised } from "../report/promises.ts";
import type { Measured } from "../report/rounds.ts";
import { megabytes, type Column } from "../report/tables.ts";

/** The default of a stream's `retry:`, which each client gets with a fifth more or less. */
const RETRY_SECONDS = 2;
const SPARE_SECONDS = 3;

export interface ResumeFigures {
  /** From the kill until every subscriber has what it missed. */
  readonly caughtUpSeconds: number;
  /** Until every subscriber has also one event that was published then. */
  readonly liveSeconds: number;
  /** Attempts to come back that found nobody. */
  readonly refused: number;
  /** Of the new process, from its start until then. */
  readonly cpuSeconds: number;
  /** Peak of its resident memory. */
  readonly peakBytes: number;
}

type Metric = keyof ResumeFigures;

export const subject: Measured<"runtime"> = { name: "runtime", title: "this runtime", isOurs: true };

export const promises: readonly Promised<"runtime", Metric>[] = [
  {
    title: "all subscribers back and live after a kill",
    metric: "liveSeconds",
    of: "runtime",
    bound: "atMost",
    reach: RETRY_SECONDS + SPARE_SECONDS,
    unit: "s",
  },
  {
    title: "peak memory of the new process",
    metric: "peakBytes",
    of: "runtime",
    bound: "atMost",
    reach: 250_000_000,
    unit: "bytes",
  },
];

export const columns: readonly Column<Metric>[] = [
  { title: "all caught up", metric: "caughtUpSeconds", format: seconds },
  { title: "all live", metric: "liveSeconds", format: seconds },
  { title: "came too early", metric: "refused", format: (value) => `${value}` },
  { title: "CPU", metric: "cpuSeconds", format: seconds },
  { title: "peak memory", metric: "peakBytes", format: megabytes },
];

export const notes = `Each subscriber does what a browser does: it comes back after the time that its stream has told it, about 2 s, with the
last id that it has read, and again if it finds nobody. The runtime is killed with SIGKILL and started again at once;
meanwhile a second replica takes the events, which Valkey keeps. An event that comes twice or not at all ends the benchmark.`;

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
