/** A promise in numbers, and whether the rounds keep it. A ratio is taken within one round; the rounds' median counts. */
import { median, type Round } from "./rounds.ts";

export interface Promised<Name extends string, Metric extends string> {
  readonly title: string;
  readonly metric: Metric;
  /** Who promises it. */
  readonly of: Name;
  /** Compared with the best of these; without one it is the figure itself. */
  readonly against?: readonly Name[];
  /** Compared with this figure of theirs instead of the same one. */
  readonly againstMetric?: Metric;
  readonly bound: "atLeast" | "atMost";
  readonly reach: number;
  /** Of the figure itself. */
  readonly unit?: string;
}

export interface Verdict {
  readonly promised: Promised<string, string>;
  /** Undefined where something that it compares was not measured. */
  readonly measured: number | undefined;
  readonly isReached: boolean;
}

export function judge<Name extends string, Metric extends string>(
  promised: Promised<Name, Metric>,
  rounds: readonly Round<Name, Metric>[],
): Verdict {
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
function ratio<Name extends string, Metric extends string>(
  { metric, of, against, againstMetric = metric, bound }: Promised<Name, Metric>,
  round: Round<Name, Metric>,
): number | undefined {
  const ours = round[of]?.[metric];
  if (ours === undefined || against === undefined) return ours;
  const theirs = against.map((name) => round[name]?.[againstMetric]).filter((each) => each !== undefined);
  if (theirs.length < against.length) return undefined;
  return ours / (bound === "atLeast" ? Math.max(...theirs) : Math.min(...theirs));
}
