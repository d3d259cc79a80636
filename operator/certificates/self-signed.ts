/** The certificate of a service that is its own authority: keeps what is good, and issues anew what is missing or due. */
import type { Authority, ServedCertificate } from "#operator/sseservice/resources/secrets.ts";
import type { CertificateNames } from "#operator/sseservice/tls.ts";
import { renewAuthority, trustedAuthorities } from "./authority.ts";
import { issueLeaf } from "./issue.ts";
import { renewalReason } from "./renewal.ts";

interface SelfSignedRequest {
  readonly name: string;
  readonly namespace: string;
  readonly names: CertificateNames;
  readonly validityDays: number;
  /** What the user asked to have renewed for, if ever. */
  readonly renewalRequest: string | undefined;
}

interface Existing {
  readonly authority: Authority | undefined;
  readonly certificate: ServedCertificate | undefined;
}

export async function renewSelfSigned(
  { name, namespace, names, validityDays, renewalRequest }: SelfSignedRequest,
  existing: Existing,
  now: Date,
): Promise<{ readonly authority: Authority; readonly certificate: ServedCertificate }> {
  const leaf = existing.certificate?.pair;
  const commonName = `sse-operator CA of ${namespace}/${name}`;
  const authority = await renewAuthority(existing.authority, leaf, commonName, now);
  const wanted = {
    names: [...names.dnsNames, ...names.ipAddresses],
    authority: authority.signing.certificate,
  };
  const servedFor = existing.certificate?.renewalRequest;
  const isRequested = renewalRequest !== undefined && renewalRequest !== servedFor;
  const isGood = !isRequested && renewalReason(leaf, wanted, now) === undefined;
  const pair =
    leaf && isGood
      ? leaf
      : await issueLeaf(authority.signing, { commonName: name, ...names, validityDays }, now);
  return {
    authority,
    certificate: {
      pair,
      authorities: trustedAuthorities(authority),
      renewalRequest: renewalRequest ?? servedFor,
    },
  };
}
