/** Decides whether a certificate must be issued anew: a list of named checks, the first that fails is the reason. Pure. */
import { type CertificateFacts, inspectCertificate } from "./inspect.ts";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";

/** Part of the lifetime after which a certificate is renewed, at the latest. */
const RENEW_AT = 2 / 3;
/** Part of the lifetime by which that may be earlier, so that what was issued together is not renewed together. */
const JITTER = 1 / 20;

export type RenewalReason =
  | "Missing"
  | "Unreadable"
  | "KeyMismatch"
  | "OtherAuthority"
  | "NamesChanged"
  | "NotYetValid"
  | "RenewalDue";

/** What the certificate should be. */
export interface Wanted {
  readonly names: readonly string[];
  /** PEM of the authority that must have signed it; a CA's own when it is one. */
  readonly authority: string;
}

type Check = (facts: CertificateFacts, pair: KeyPair, wanted: Wanted, now: Date) => RenewalReason | undefined;

const CHECKS: readonly Check[] = [
  (facts, { key }) => (facts.isKeyOf(key) ? undefined : "KeyMismatch"),
  (facts, _, { authority }) => (facts.isSignedBy(authority) ? undefined : "OtherAuthority"),
  (facts, _, { names }) => (holdsExactly(facts, names) ? undefined : "NamesChanged"),
  // It was issued while the clock was ahead: nobody would take it before that time comes.
  (facts, _, __, now) => (now >= facts.notBefore ? undefined : "NotYetValid"),
  (facts, _, __, now) => (now < renewalTime(facts) ? undefined : "RenewalDue"),
];

/** Why `pair` must be issued anew, or undefined while it is good. */
export function renewalReason(
  pair: KeyPair | undefined,
  wanted: Wanted,
  now: Date,
): RenewalReason | undefined {
  if (!pair) return "Missing";
  const facts = inspectCertificate(pair.certificate);
  if (!facts) return "Unreadable";
  for (const check of CHECKS) {
    const reason = check(facts, pair, wanted, now);
    if (reason) return reason;
  }
  return undefined;
}

/** When two thirds of the lifetime have passed, or up to a twentieth of it earlier: always the same for one certificate. */
export function renewalTime({
  notBefore,
  notAfter,
  fingerprint,
}: Pick<CertificateFacts, "notBefore" | "notAfter" | "fingerprint">): Date {
  const lifetimeMs = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + lifetimeMs * (RENEW_AT - JITTER * fractionOf(fingerprint)));
}

/** A number in [0, 1) that is spread evenly over fingerprints. */
function fractionOf(fingerprint: string): number {
  return Number.parseInt(fingerprint.replaceAll(":", "").slice(0, 8), 16) / 2 ** 32;
}

function holdsExactly(facts: CertificateFacts, names: readonly string[]): boolean {
  return facts.names.length === names.length && names.every((name) => facts.holds(name));
}
