/** The Secrets: the CA, the certificate that nginx serves, and the token that publishers show. Pure. */
import type { V1Secret } from "@kubernetes/client-node";
import { authoritySecretName, certificateSecretName, publishTokenSecretName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { type Child, childMetadata } from "./metadata.ts";

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a service's Secrets hold. */
export interface SecretMaterial {
  readonly authority: KeyPair;
  readonly leaf: KeyPair;
  /** Absent when everybody may publish. */
  readonly publishToken: string | undefined;
  /** Of the managed backplane; absent without one. */
  readonly backplanePassword: string | undefined;
}

export const CERTIFICATE_KEY = "tls.crt";
export const PRIVATE_KEY_KEY = "tls.key";
const AUTHORITY_KEY = "ca.crt";
export const TOKEN_KEY = "token";

/** The CA: kept apart from the certificate, so that no pod ever mounts its key. */
export function buildAuthoritySecret(service: SseService, { authority }: SecretMaterial): Child<V1Secret> {
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: childMetadata(service, authoritySecretName(service.name)),
    data: { [CERTIFICATE_KEY]: base64(authority.certificate), [PRIVATE_KEY_KEY]: base64(authority.key) },
  };
}

export function buildCertificateSecret(
  service: SseService,
  { authority, leaf }: SecretMaterial,
): Child<V1Secret> {
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: childMetadata(service, certificateSecretName(service.name)),
    data: {
      [CERTIFICATE_KEY]: base64(leaf.certificate),
      [PRIVATE_KEY_KEY]: base64(leaf.key),
      [AUTHORITY_KEY]: base64(authority.certificate),
    },
  };
}

export function buildPublishTokenSecret(service: SseService, token: string): Child<V1Secret> {
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: childMetadata(service, publishTokenSecretName(service.name)),
    data: { [TOKEN_KEY]: base64(token) },
  };
}

/** As the `data` of a Secret holds it. */
export function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
