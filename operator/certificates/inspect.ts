/** What a certificate says: dates, names and fingerprint. Pure; unreadable input is a value, never an exception. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";

export interface CertificateFacts {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256, upper-case hexadecimal pairs joined by colons, as browsers show it. */
  readonly fingerprint: string;
  readonly keyMatches: boolean;
  /** Number of names and addresses in the certificate. */
  readonly nameCount: number;
  covers(name: string): boolean;
  isSignedBy(authorityPem: string): boolean;
}

export function inspectCertificate({ certificate, key }: KeyPair): CertificateFacts | undefined {
  const parsed = attempt(() => new X509Certificate(certificate));
  if (!parsed) return undefined;
  const names = parsed.subjectAltName?.split(", ") ?? [];
  return {
    notBefore: parsed.validFromDate,
    notAfter: parsed.validToDate,
    fingerprint: parsed.fingerprint256,
    keyMatches: attempt(() => parsed.checkPrivateKey(createPrivateKey(key))) ?? false,
    nameCount: names.length,
    covers: (name) => names.includes(`DNS:${name}`) || parsed.checkIP(name) !== undefined,
    isSignedBy: (authorityPem) =>
      attempt(() => isIssuedBy(parsed, new X509Certificate(authorityPem))) ?? false,
  };
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** What OpenSSL refuses to read is `undefined`: the caller replaces it, whatever was wrong. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
