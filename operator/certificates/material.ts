/** What a service's Secrets should hold: what is there and still good, and what is missing, issued anew. */
import { randomBytes } from "node:crypto";
import { certificateNames, type NodeFacts } from "#operator/sseservice/observation.ts";
import type { KeyPair, SecretMaterial } from "#operator/sseservice/resources/secrets.ts";
import type { SseService } from "#operator/sseservice/spec.ts";
import type { SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { formatTime } from "#operator/sseservice/status.ts";
import type { V1Service } from "@kubernetes/client-node";
import { inspectCertificate } from "./inspect.ts";
import { issueAuthority, issueLeaf } from "./issue.ts";
import { renewalReason, renewalTime } from "./renewal.ts";

const SECRET_BYTES = 32;

/** What the service's Secrets hold now; each part is undefined when its Secret is missing or not the service's own. */
export interface ExistingMaterial {
  readonly authority: KeyPair | undefined;
  readonly leaf: KeyPair | undefined;
  readonly publishToken: string | undefined;
  readonly backplanePassword: string | undefined;
}

export interface Surroundings {
  readonly nodes: readonly NodeFacts[];
  readonly kubernetesService: V1Service | undefined;
}

/** Keeps what is good; the same input at the same time keeps the same parts. */
export async function renewMaterial(
  service: SseService,
  existing: ExistingMaterial,
  { nodes, kubernetesService }: Surroundings,
  now: Date,
): Promise<SecretMaterial> {
  const authority = await renewAuthority(service, existing.authority, now);
  const { dnsNames, ipAddresses } = certificateNames(service, nodes, kubernetesService);
  const names = [...dnsNames, ...ipAddresses];
  const isGood = renewalReason(existing.leaf, { names, authority: authority.certificate }, now) === undefined;
  const { validityDays } = service.spec.tls.selfSigned ?? { validityDays: 90 };
  const leaf =
    existing.leaf && isGood
      ? existing.leaf
      : await issueLeaf(authority, { commonName: service.name, dnsNames, ipAddresses, validityDays }, now);
  const { spec } = service;
  return {
    authority,
    leaf,
    publishToken: spec.access.publish === "Token" ? existing.publishToken || newSecret() : undefined,
    backplanePassword:
      service.backplane.kind === "Managed" ? existing.backplanePassword || newSecret() : undefined,
  };
}

/** What the status says of the material. */
export function describeCertificate({ authority, leaf }: SecretMaterial): SseServiceStatus["certificate"] {
  const leafFacts = inspectCertificate(leaf);
  const authorityFacts = inspectCertificate(authority);
  if (!leafFacts || !authorityFacts) return undefined;
  return {
    notAfter: formatTime(leafFacts.notAfter),
    renewalTime: formatTime(renewalTime(leafFacts)),
    caFingerprint: authorityFacts.fingerprint,
  };
}

async function renewAuthority(
  service: SseService,
  existing: KeyPair | undefined,
  now: Date,
): Promise<KeyPair> {
  const wanted = { names: [], authority: existing?.certificate ?? "" };
  if (existing && renewalReason(existing, wanted, now) === undefined) return existing;
  return issueAuthority(`sse-operator CA of ${service.namespace}/${service.name}`, now);
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}
