/** What a service's Secrets should hold: what is there and still good, and what is missing, issued anew. */
import { randomBytes } from "node:crypto";
import type { CertificateProblem } from "#operator/sseservice/certificate-problem.ts";
import type { RenewalAttempt } from "#operator/sseservice/renewal-failure.ts";
import type { SecretMaterial } from "#operator/sseservice/resources/secrets.ts";
import type { SseService } from "#operator/sseservice/spec.ts";
import type { SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { formatTime } from "#operator/sseservice/status.ts";
import type { CertificateNames } from "#operator/sseservice/tls.ts";
import { inspectCertificate } from "./inspect.ts";
import { type Provided, takeProvided } from "./provided.ts";
import { renewalTime } from "./renewal.ts";
import { renewSelfSigned } from "./self-signed.ts";

const SECRET_BYTES = 32;

/** Where the certificate comes from: the operator itself, or what was found elsewhere. */
export type Origin = { readonly kind: "SelfSigned"; readonly validityDays: number } | Provided;

export interface CertificateInput {
  /** Every name and address that clients may open the service by. */
  readonly names: CertificateNames;
  readonly origin: Origin;
}

export interface Renewal {
  readonly material: SecretMaterial;
  /** Why the certificate is not the one that the service asks for; what was good before is served on. */
  readonly problem: CertificateProblem | undefined;
}

/** Keeps what is good; the same input at the same time keeps the same parts. */
export async function renewMaterial(
  service: SseService,
  existing: SecretMaterial,
  input: CertificateInput,
  now: Date,
): Promise<Renewal> {
  const { spec, backplane } = service;
  const { problem, ...certificate } = await renewCertificate(service, existing, input, now);
  const material = {
    ...certificate,
    publishToken: spec.access.publish === "Token" ? existing.publishToken || newSecret() : undefined,
    backplanePassword: backplane.kind === "Managed" ? existing.backplanePassword || newSecret() : undefined,
  };
  return { material, problem };
}

async function renewCertificate(
  service: SseService,
  existing: SecretMaterial,
  { names, origin }: CertificateInput,
  now: Date,
): Promise<Pick<SecretMaterial, "authority" | "certificate"> & Pick<Renewal, "problem">> {
  if (origin.kind === "SelfSigned") {
    const { name, namespace, renewalRequest } = service;
    const request = { name, namespace, names, validityDays: origin.validityDays, renewalRequest };
    return { ...(await renewSelfSigned(request, existing, now)), problem: undefined };
  }
  const served = existing.certificate;
  const taken = takeProvided(origin, [...names.dnsNames, ...names.ipAddresses], now);
  if ("problem" in taken) return { authority: undefined, certificate: served, problem: taken.problem };
  // Nobody can be asked to renew a Secret of the user's.
  const renewalRequest = origin.issuance && (service.renewalRequest ?? served?.renewalRequest);
  return { authority: undefined, certificate: { ...taken, renewalRequest }, problem: undefined };
}

/** The certificate is the same, and the user wishes for another one: its issuer is to be asked before that is noted. */
export function isReissueAsked(before: SecretMaterial, after: SecretMaterial): boolean {
  const [served, next] = [before.certificate, after.certificate];
  const isSame = next !== undefined && next.pair.certificate === served?.pair.certificate;
  return isSame && next.renewalRequest !== undefined && next.renewalRequest !== served.renewalRequest;
}

/** What the status says of the certificate that is served. */
export function describeCertificate(
  { certificate }: SecretMaterial,
  origin: Origin,
): SseServiceStatus["certificate"] {
  const facts = certificate && inspectCertificate(certificate.pair.certificate);
  if (!facts) return undefined;
  const renewal =
    origin.kind === "SelfSigned" ? formatTime(renewalTime(facts)) : origin.issuance?.renewalTime;
  const trusted = certificate.authorities && inspectCertificate(certificate.authorities);
  return {
    notAfter: formatTime(facts.notAfter),
    ...(renewal !== undefined && { renewalTime: renewal }),
    fingerprint: facts.fingerprint,
    ...(trusted && { caFingerprint: trusted.fingerprint }),
  };
}

/** The last try of who issues the certificate elsewhere to renew it. */
export function attemptOf(origin: Origin): RenewalAttempt | undefined {
  return origin.kind === "Provided" ? origin.issuance?.attempt : undefined;
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}
