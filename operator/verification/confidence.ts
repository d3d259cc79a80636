/**
 * How single findings become a verdict that does not flap, and when to look again: one failure is not a verdict, three in
 * a row are, and so are three successes after that. Pure; time is counted by the caller.
 */
import type { Http2Verdict } from "#operator/sseservice/conditions/observation.ts";
import type { ProbeResult } from "./probe.ts";

export interface Confidence {
  readonly verdict: Http2Verdict | undefined;
  /** Results in a row that speak against the verdict. */
  readonly contrary: number;
}

export const NO_CONFIDENCE: Confidence = { verdict: undefined, contrary: 0 };

const CONTRARY_NEEDED = 3;
/** A service that was never seen good gets more time: nodes learn of new pods a moment late. */
const FAILURES_AT_FIRST = 6;

export function weigh({ verdict, contrary }: Confidence, result: ProbeResult): Confidence {
  const said = toVerdict(result);
  if (!verdict) return weighFirst(contrary, said);
  if (said.kind === verdict.kind) return { verdict: isSame(said, verdict) ? verdict : said, contrary: 0 };
  return contrary + 1 < CONTRARY_NEEDED
    ? { verdict, contrary: contrary + 1 }
    : { verdict: said, contrary: 0 };
}

function weighFirst(failures: number, said: Http2Verdict): Confidence {
  if (said.kind === "verified" || failures + 1 >= FAILURES_AT_FIRST) return { verdict: said, contrary: 0 };
  return { verdict: undefined, contrary: failures + 1 };
}

const FIRST_RETRY_MS = 250;
const MAX_FIRST_RETRY_MS = 5_000;
const RETRY_MS = { verified: 5_000, failed: 1_000 } as const;
const STEADY_MS = { verified: 300_000, failed: 15_000 } as const;

/** Milliseconds until the next look; spread over 80-120 %, so that many services are not opened at once. */
export function nextLookMs({ verdict, contrary }: Confidence, random: () => number): number {
  if (!verdict) return Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, contrary - 1), MAX_FIRST_RETRY_MS);
  const delayMs = contrary > 0 ? RETRY_MS[verdict.kind] : STEADY_MS[verdict.kind];
  return Math.round(delayMs * (0.8 + 0.4 * random()));
}

function toVerdict(result: ProbeResult): Http2Verdict {
  if (result.kind === "failed") return result;
  const { kind, finding, latencyMs } = result;
  return { kind, finding, latencyMs: Math.ceil(latencyMs) };
}

/** But for the latency, which differs from look to look. */
function isSame(said: Http2Verdict, verdict: Http2Verdict): boolean {
  return said.kind === "verified" && verdict.kind === "verified" && said.finding === verdict.finding;
}
