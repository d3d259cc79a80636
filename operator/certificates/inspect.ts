/** What a certificate says: dates, names and fingerprint. Pure; unreadable input is a value, never an exception. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";

/** Of the first certificate of a PEM text. */
export interface CertificateFacts {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256, upper-case hexadecimal pairs joined by colons, as browsers show it. */
  readonly fingerprint: string;
  /** Its names and addresses. */
  readonly names: readonly string[];
  /** Bits of an RSA key; undefined for every other kind. */
  readonly rsaBits: number | undefined;
  isKeyOf(keyPem: string): boolean;
  /** Whether it holds exactly this name, wildcard or not, or this address. */
  holds(name: string): boolean;
  /** Whether a client that opens this name or address takes it. */
  isFor(host: string): boolean;
  isSignedBy(authorityPem: string): boolean;
}

export function inspectCertificate(pem: string): CertificateFacts | undefined {
  const parsed = attempt(() => readCertificate(pem));
  if (!parsed) return undefined;
  const names = (parsed.subjectAltName?.split(", ") ?? []).map((name) =>
    name.replace(/^(DNS|IP Address):/, ""),
  );
  const isForAddress = (address: string) => parsed.checkIP(address) !== undefined;
  return {
    notBefore: parsed.validFromDate,
    notAfter: parsed.validToDate,
    fingerprint: parsed.fingerprint256,
    names,
    get rsaBits() {
      return parsed.publicKey.asymmetricKeyDetails?.modulusLength;
    },
    isKeyOf: (keyPem) => attempt(() => parsed.checkPrivateKey(createPrivateKey(keyPem))) ?? false,
    holds: (name) => (isIP(name) ? isForAddress(name) : names.includes(name)),
    isFor: (host) =>
      isIP(host) ? isForAddress(host) : parsed.checkHost(host, { subject: "never" }) !== undefined,
    isSignedBy: (authorityPem) => attempt(() => isIssuedBy(parsed, readCertificate(authorityPem))) ?? false,
  };
}

/** The facts of a certificate whose key is at hand; undefined when it is no certificate, or the key another's. */
export function inspectPair({ certificate, key }: KeyPair): CertificateFacts | undefined {
  const facts = inspectCertificate(certificate);
  return facts?.isKeyOf(key) ? facts : undefined;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

const MAX_RECENT = 64;
const recentlyRead = new Map<string, X509Certificate>();

/** A reconcile asks about the same two or three several times, and to read one takes longer than most that it does. */
function readCertificate(pem: string): X509Certificate {
  const known = recentlyRead.get(pem);
  if (known) return known;
  const certificate = new X509Certificate(pem);
  if (recentlyRead.size >= MAX_RECENT) recentlyRead.clear();
  recentlyRead.set(pem, certificate);
  return certificate;
}

/** What OpenSSL refuses to read is `undefined`: the caller replaces it, whatever was wrong. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
