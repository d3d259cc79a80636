/** The Secrets: the CA, the certificate that nginx serves, and the token that publishers show. Pure. */
import type { V1Secret } from "@kubernetes/client-node";
import { RENEW_CERTIFICATE_ANNOTATION } from "../labels.ts";
import { authoritySecretName, certificateSecretName, publishTokenSecretName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { type Child, childMetadata } from "./metadata.ts";

/** A certificate, which the certificates of its authorities may follow, and its private key; PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The service's own certificate authority: while one takes the place of another, clients are to trust both. */
export interface Authority {
  readonly signing: KeyPair;
  /** Trusted already; signs when everybody had the time to learn of it. */
  readonly next: KeyPair | undefined;
  /** The certificate of the one before, trusted until nothing that it signed is served any more. */
  readonly previous: string | undefined;
}

/** What the pods serve, whatever source it came from. */
export interface ServedCertificate {
  readonly pair: KeyPair;
  /** PEM of the authorities that clients are to trust; undefined when those are well-known ones. */
  readonly authorities: string | undefined;
  /** The value of the service's annotation for which it was issued, or its issuer asked for another one. */
  readonly renewalRequest: string | undefined;
}

/** What a service's Secrets hold. */
export interface SecretMaterial {
  /** Absent when the certificate comes from elsewhere. */
  readonly authority: Authority | undefined;
  /** Absent until its source has given a good one. */
  readonly certificate: ServedCertificate | undefined;
  /** Absent when everybody may publish. */
  readonly publishToken: string | undefined;
  /** Of the managed backplane; absent without one. */
  readonly backplanePassword: string | undefined;
}

export const CERTIFICATE_KEY = "tls.crt";
export const PRIVATE_KEY_KEY = "tls.key";
export const AUTHORITY_KEY = "ca.crt";
export const NEXT_CERTIFICATE_KEY = "next.crt";
export const NEXT_PRIVATE_KEY_KEY = "next.key";
export const PREVIOUS_CERTIFICATE_KEY = "previous.crt";
export const TOKEN_KEY = "token";

/** The CA: kept apart from the certificate, so that no pod ever mounts its key. */
export function buildAuthoritySecret(service: SseService, authority: Authority): Child<V1Secret> {
  const { signing, next, previous } = authority;
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: childMetadata(service, authoritySecretName(service.name)),
    data: encode({
      [CERTIFICATE_KEY]: signing.certificate,
      [PRIVATE_KEY_KEY]: signing.key,
      [NEXT_CERTIFICATE_KEY]: next?.certificate,
      [NEXT_PRIVATE_KEY_KEY]: next?.key,
      [PREVIOUS_CERTIFICATE_KEY]: previous,
    }),
  };
}

/** The same Secret for every source, so that another source rolls no pod, and only what was checked is served. */
export function buildCertificateSecret(
  service: SseService,
  { pair, authorities, renewalRequest }: ServedCertificate,
): Child<V1Secret> {
  const metadata = childMetadata(service, certificateSecretName(service.name));
  const annotations = renewalRequest !== undefined && { [RENEW_CERTIFICATE_ANNOTATION]: renewalRequest };
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { ...metadata, ...(annotations && { annotations }) },
    data: encode({
      [CERTIFICATE_KEY]: pair.certificate,
      [PRIVATE_KEY_KEY]: pair.key,
      [AUTHORITY_KEY]: authorities,
    }),
  };
}

export function buildPublishTokenSecret(service: SseService, token: string): Child<V1Secret> {
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: childMetadata(service, publishTokenSecretName(service.name)),
    data: encode({ [TOKEN_KEY]: token }),
  };
}

/** The `data` of a Secret, without what is undefined. */
function encode(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(texts);
  return Object.fromEntries(
    entries.flatMap(([key, text]) => (text === undefined ? [] : [[key, base64(text)]])),
  );
}

/** As the `data` of a Secret holds it. */
export function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
