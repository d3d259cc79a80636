/** Judges a certificate that somebody else provides in a Secret: a list of named checks, the first that fails says what to do. Pure. */
import type { CertificateProblem } from "#operator/sseservice/certificate-problem.ts";
import type { KeyPair, ServedCertificate } from "#operator/sseservice/resources/secrets.ts";
import type { Issuance } from "./cert-manager.ts";
import { formatTime } from "#operator/sseservice/status.ts";
import { type CertificateFacts, inspectCertificate } from "./inspect.ts";

/** What was found where the certificate comes from. */
export interface Provided {
  readonly kind: "Provided";
  readonly namespace: string;
  readonly secretName: string;
  /** Undefined when there is no such Secret. */
  readonly content: SecretContent | undefined;
  /** The certificate must be for each of them; when there is none, for any name of the service. */
  readonly requiredNames: readonly string[];
  /** How far cert-manager is; undefined when it has no part in it. */
  readonly issuance: Issuance | undefined;
}

/** What the Secret holds; a part is undefined when its key is missing or empty. */
export interface SecretContent {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly authorities: string | undefined;
}

/** How clients open the service: by every one that is required, or else by any that is known. */
interface Hosts {
  readonly required: readonly string[];
  readonly known: readonly string[];
}

/** Below it, OpenSSL as it comes with nginx refuses to serve. */
const MIN_RSA_BITS = 2_048;

type Check = (
  facts: CertificateFacts,
  key: string,
  hosts: Hosts,
  now: Date,
) => CertificateProblem | undefined;

const CHECKS: readonly Check[] = [
  (facts, key) =>
    facts.isKeyOf(key)
      ? undefined
      : {
          reason: "KeyMismatch",
          message:
            "tls.key is not the key of the first certificate in tls.crt, or is encrypted: put both together again, the server's certificate first",
        },
  ({ rsaBits = MIN_RSA_BITS }) =>
    rsaBits >= MIN_RSA_BITS
      ? undefined
      : {
          reason: "KeyTooWeak",
          message: `its RSA key has ${rsaBits} bits, which nginx refuses to serve: have it issued with at least ${MIN_RSA_BITS}, or with an ECDSA key`,
        },
  ({ notAfter }, _, __, now) =>
    now < notAfter
      ? undefined
      : {
          reason: "Expired",
          message: `its certificate expired at ${formatTime(notAfter)}: put a new one there`,
        },
  ({ notBefore }, _, __, now) =>
    now >= notBefore
      ? undefined
      : {
          reason: "NotYetValid",
          message: `its certificate is valid only from ${formatTime(notBefore)}: put one there that is valid now, or set the clocks right`,
        },
  checkHosts,
];

type Verdict<T> = T | { readonly problem: CertificateProblem };

/** What to serve of it, or why nothing of it is served. */
export function takeProvided(
  provided: Provided,
  knownNames: readonly string[],
  now: Date,
): Verdict<Pick<ServedCertificate, "pair" | "authorities">> {
  if (provided.issuance?.pending !== undefined) {
    return { problem: { reason: "IssuancePending", message: provided.issuance.pending } };
  }
  if (!provided.content) return { problem: missing(provided) };
  const hosts = { required: provided.requiredNames, known: knownNames };
  const verdict = judgeContent(provided.content, hosts, now);
  if ("problem" in verdict) {
    const { reason, message } = verdict.problem;
    return { problem: { reason, message: `Cannot use Secret "${provided.secretName}": ${message}` } };
  }
  return { pair: verdict.pair, authorities: provided.content.authorities };
}

function judgeContent(
  { certificate, key }: SecretContent,
  hosts: Hosts,
  now: Date,
): Verdict<{ readonly pair: KeyPair }> {
  if (certificate === undefined || key === undefined) return { problem: incomplete(certificate, key) };
  const facts = inspectCertificate(certificate);
  if (!facts) return { problem: UNREADABLE };
  for (const check of CHECKS) {
    const problem = check(facts, key, hosts, now);
    if (problem) return { problem };
  }
  return { pair: { certificate, key } };
}

function missing({ secretName, namespace }: Provided): CertificateProblem {
  const command = `kubectl -n ${namespace} create secret tls ${secretName} --cert=FILE --key=FILE`;
  return {
    reason: "SecretMissing",
    message: `Secret "${secretName}" does not exist: make it with ${command}`,
  };
}

const UNREADABLE: CertificateProblem = {
  reason: "CertificateUnreadable",
  message: "tls.crt holds no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----",
};

function incomplete(certificate: string | undefined, key: string | undefined): CertificateProblem {
  const missing = [certificate === undefined && "tls.crt", key === undefined && "tls.key"].filter(Boolean);
  return {
    reason: "SecretIncomplete",
    message: `it has no ${missing.join(" and no ")}: add what is missing`,
  };
}

function checkHosts(
  facts: CertificateFacts,
  _key: string,
  { required, known }: Hosts,
): CertificateProblem | undefined {
  const missing = required.filter((host) => !(facts.isFor(host) || facts.holds(host)));
  if (missing.length > 0) {
    return {
      reason: "NamesMismatch",
      message: `its certificate is not for ${missing.join(", ")}: have it issued for every name in spec.tls.secretRef.dnsNames, or correct that list`,
    };
  }
  if (required.length > 0 || known.some((host) => facts.isFor(host))) return undefined;
  return {
    reason: "NamesMismatch",
    message: `its certificate is for ${list(facts.names)}, none of which the operator knows as this service's: list in spec.tls.secretRef.dnsNames the names that clients open it by, or have it issued for one of ${list(known)}`,
  };
}

const MAX_NAMES_SHOWN = 5;

function list(names: readonly string[]): string {
  if (names.length === 0) return "no name at all";
  const shown = names.slice(0, MAX_NAMES_SHOWN).join(", ");
  return names.length > MAX_NAMES_SHOWN ? `${shown} and ${names.length - MAX_NAMES_SHOWN} more` : shown;
}
