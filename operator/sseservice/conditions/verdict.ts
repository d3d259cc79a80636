/** How a condition is decided: a list of checks, of which the first that speaks gives the verdict. Pure. */
import type { Condition } from "../status-schema.ts";
import type { Observation } from "./observation.ts";
import type { PartType, Reason } from "./reasons.ts";

export interface Verdict<R extends string = string> {
  readonly status: Condition["status"];
  readonly reason: R;
  /** What is so, and the next step when that is somebody's. */
  readonly message: string;
}

/** The checks of one condition, in order; the last one always speaks. */
export type Checks<Type extends PartType> = readonly Check<Reason<Type>>[];

type Check<R extends string> = (observation: Observation) => Verdict<R> | undefined;

export const yes = <R extends string>(reason: R, message: string): Verdict<R> => ({
  status: "True",
  reason,
  message,
});

export const no = <R extends string>(reason: R, message: string): Verdict<R> => ({
  status: "False",
  reason,
  message,
});

export const unknown = <R extends string>(reason: R, message: string): Verdict<R> => ({
  status: "Unknown",
  reason,
  message,
});

export function decide(checks: readonly Check<string>[], observation: Observation): Verdict {
  for (const check of checks) {
    const verdict = check(observation);
    if (verdict) return verdict;
  }
  return { status: "Unknown", reason: "Undecided", message: "No check applies" };
}
