/** Why a certificate from elsewhere is not served: a closed set, each with its next step. Pure. */

/** What only a human can mend. */
export const CERTIFICATE_FLAWS = [
  "SecretMissing",
  "SecretIncomplete",
  "CertificateUnreadable",
  "KeyMismatch",
  "KeyTooWeak",
  "Expired",
  "NotYetValid",
  "NamesMismatch",
] as const;

export interface CertificateProblem {
  /** While the issuance is pending, somebody is at work. */
  readonly reason: (typeof CERTIFICATE_FLAWS)[number] | "IssuancePending";
  /** What was found, and the next step. */
  readonly message: string;
}
