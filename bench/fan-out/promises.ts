/** The promised ratios, and whether the rounds keep them. A ratio is taken within a round; the median of them counts. */
import type { PeerName } from "../peers/peer.ts";
import { median, type Measurement, type Round } from "./measurement.ts";

type Metric = keyof Measurement;

interface Promised {
  readonly title: string;
  readonly metric: Metric;
  /** Who is measured: ours over a unix socket, unless the other is reached over TCP. */
  readonly of?: PeerName;
  /** Compared with the best of these; without one it is the figure itself. */
  readonly against?: readonly PeerName[];
  /** Compared with this figure of theirs instead of the same one. */
  readonly againstMetric?: Metric;
  readonly bound: "atLeast" | "atMost";
  readonly reach: number;
  readonly unit?: string;
}

export interface Verdict {
  readonly promised: Promised;
  /** Undefined where something that it compares was not measured. */
  readonly measured: number | undefined;
  readonly isReached: boolean;
}

const GO = ["article", "goroutine"] as const;
const FLOOD = "deliveries/s, 8 publishers";
const LOCKSTEP = "deliveries/s, one event in flight";
const CPU = "CPU per delivery at 2 events/s";
const P99 = "p99 publish → read at 2 events/s";
const MEMORY = "memory per idle subscriber";

export const promises: readonly Promised[] = [
  promise(FLOOD, "flood", { against: ["nchan", ...GO], bound: "atLeast", reach: 4 }),
  promise(FLOOD, "flood", { of: "runtime-tcp", against: ["centrifugo"], bound: "atLeast", reach: 3 }),
  promise(FLOOD, "flood", { against: ["send-loop"], bound: "atLeast", reach: 1.4 }),
  promise(LOCKSTEP, "lockstep", { against: ["nchan", ...GO], bound: "atLeast", reach: 0.9 }),
  promise(LOCKSTEP, "lockstep", { of: "runtime-tcp", against: ["centrifugo"], bound: "atLeast", reach: 0.9 }),
  promise(LOCKSTEP, "lockstep", { against: ["send-loop"], bound: "atLeast", reach: 0.5 }),
  promise(CPU, "cpuUsPerDelivery", { against: ["nchan"], bound: "atMost", reach: 0.85 }),
  promise(CPU, "cpuUsPerDelivery", { against: GO, bound: "atMost", reach: 0.6 }),
  promise(P99, "p99Ms", { against: ["nchan"], bound: "atMost", reach: 0.9 }),
  promise(P99, "p99Ms", { against: GO, bound: "atMost", reach: 0.65 }),
  promise(MEMORY, "bytesPerSubscriber", { bound: "atMost", reach: 6_000, unit: "bytes" }),
  promise(MEMORY, "bytesPerSubscriber", { against: ["nchan"], bound: "atMost", reach: 0.6 }),
  promise(MEMORY, "bytesPerSubscriber", { against: GO, bound: "atMost", reach: 0.25 }),
  promise(
    "a topic for each subscriber, deliveries/s, beside one topic and one event in flight",
    "ownTopics",
    {
      against: ["runtime"],
      againstMetric: "lockstep",
      bound: "atLeast",
      reach: 0.5,
    },
  ),
  promise("memory per topic", "bytesPerTopic", { bound: "atMost", reach: 1_000, unit: "bytes" }),
  promise("publishing, one event a request", "publishing", { against: GO, bound: "atLeast", reach: 0.9 }),
  promise("publishing, NDJSON of 100", "batchPublishing", {
    against: GO,
    againstMetric: "publishing",
    bound: "atLeast",
    reach: 10,
  }),
];

export function judge(promised: Promised, rounds: readonly Round[]): Verdict {
  const ratios = rounds.map((round) => ratio(promised, round)).filter((each) => each !== undefined);
  if (ratios.length < rounds.length || ratios.length === 0) {
    return { promised, measured: undefined, isReached: false };
  }
  const measured = median(ratios);
  const isReached = promised.bound === "atLeast" ? measured >= promised.reach : measured <= promised.reach;
  return { promised, measured, isReached };
}

/** A promise that was measured and is not kept. One that was not measured is neither kept nor broken. */
export function isBroken({ measured, isReached }: Verdict): boolean {
  return measured !== undefined && !isReached;
}

/** Undefined unless everybody whom it compares was measured. */
function ratio(promised: Promised, round: Round): number | undefined {
  const { metric, of = "runtime", against, againstMetric = metric, bound } = promised;
  const ours = round[of]?.[metric];
  if (ours === undefined || against === undefined) return ours;
  const theirs = against.map((peer) => round[peer]?.[againstMetric]).filter((each) => each !== undefined);
  if (theirs.length < against.length) return undefined;
  return ours / (bound === "atLeast" ? Math.max(...theirs) : Math.min(...theirs));
}

function promise(title: string, metric: Metric, rest: Omit<Promised, "title" | "metric">): Promised {
  return { title, metric, ...rest };
}
