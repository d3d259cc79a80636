/** Decides whether a certificate must be issued anew: a list of named checks, the first that fails is the reason. Pure. */
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import { type CertificateFacts, inspectCertificate } from "./inspect.ts";

/** Part of the lifetime after which a certificate is renewed. */
const RENEW_AT = 2 / 3;

export type RenewalReason =
  | "Missing"
  | "Unreadable"
  | "KeyMismatch"
  | "OtherAuthority"
  | "NamesChanged"
  | "RenewalDue";

/** What the certificate should be. */
export interface Wanted {
  readonly names: readonly string[];
  /** PEM of the authority that must have signed it; a CA's own when it is one. */
  readonly authority: string;
}

type Check = (facts: CertificateFacts, wanted: Wanted, now: Date) => RenewalReason | undefined;

const CHECKS: readonly Check[] = [
  (facts) => (facts.keyMatches ? undefined : "KeyMismatch"),
  (facts, { authority }) => (facts.isSignedBy(authority) ? undefined : "OtherAuthority"),
  (facts, { names }) => (hasExactly(facts, names) ? undefined : "NamesChanged"),
  (facts, _, now) => (now < renewalTime(facts) ? undefined : "RenewalDue"),
];

/** Why `pair` must be issued anew, or undefined while it is good. */
export function renewalReason(
  pair: KeyPair | undefined,
  wanted: Wanted,
  now: Date,
): RenewalReason | undefined {
  if (!pair) return "Missing";
  const facts = inspectCertificate(pair);
  if (!facts) return "Unreadable";
  for (const check of CHECKS) {
    const reason = check(facts, wanted, now);
    if (reason) return reason;
  }
  return undefined;
}

/** When two thirds of the lifetime have passed. */
export function renewalTime({ notBefore, notAfter }: Pick<CertificateFacts, "notBefore" | "notAfter">): Date {
  const lifetimeMs = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + lifetimeMs * RENEW_AT);
}

function hasExactly(facts: CertificateFacts, names: readonly string[]): boolean {
  return facts.nameCount === names.length && names.every((name) => facts.covers(name));
}
