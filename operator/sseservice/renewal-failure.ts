/**
 * Why a certificate that is still good is not renewed: told once for as long as it lasts. Pure; time is an argument.
 *
 * cert-manager tries again and again. What it says must not be written at each try: neither that it tries, nor words
 * that differ from those before in a count, a time or an identifier only.
 */
import type { SseServiceStatus } from "./status-schema.ts";

/** The last try to renew a certificate. */
export interface RenewalAttempt {
  readonly state: "UnderWay" | "Failed";
  /** RFC 3339; undefined when that is not known. */
  readonly since: string | undefined;
  /** The words of who tries, and where to look. */
  readonly message: string;
}

type RenewalFailure = NonNullable<NonNullable<SseServiceStatus["certificate"]>["renewalFailure"]>;

/** Authorities that check a domain first answer within minutes. */
const MAX_ATTEMPT_MS = 60 * 60_000;

/** What is to be told after the last try, when this was told before it; undefined when nobody tries any more. */
export function lastingFailure(
  before: RenewalFailure | undefined,
  attempt: RenewalAttempt | undefined,
  now: Date,
): RenewalFailure | undefined {
  if (!attempt) return undefined;
  const found = toFailure(attempt, now);
  if (!before || !found) return found ?? before;
  return isSameCause(before, found) ? before : { since: before.since, message: found.message };
}

/** A try that lasts too long has failed: cert-manager waits forever for an issuer that is not there. */
function toFailure({ state, since, message }: RenewalAttempt, now: Date): RenewalFailure | undefined {
  if (since === undefined) return undefined;
  const hasFailed = state === "Failed" || now.getTime() - Date.parse(since) > MAX_ATTEMPT_MS;
  return hasFailed ? { since, message } : undefined;
}

function isSameCause(a: RenewalFailure, b: RenewalFailure): boolean {
  return withoutVariables(a.message) === withoutVariables(b.message);
}

/** Every word with a digit may be another one at the next try. */
function withoutVariables(message: string): string {
  return message.replaceAll(/\w*\d\w*/g, "");
}
