/** Reads what is found where a service's certificate comes from. */
import { describeIssuance } from "#operator/certificates/cert-manager.ts";
import type { Origin } from "#operator/certificates/material.ts";
import type { SecretContent } from "#operator/certificates/provided.ts";
import type { Cluster, KubernetesObject } from "#operator/engine/cluster.ts";
import { decodeSecret } from "#operator/secret-data.ts";
import { certificateName, issuedSecretName } from "#operator/sseservice/names.ts";
import { CERTIFICATE_TYPE } from "#operator/sseservice/resources/certificate.ts";
import { AUTHORITY_KEY, CERTIFICATE_KEY, PRIVATE_KEY_KEY } from "#operator/sseservice/resources/secrets.ts";
import type { SseService } from "#operator/sseservice/spec.ts";

/** Rejects with ClusterError. */
export async function readOrigin(
  cluster: Pick<Cluster, "get">,
  service: SseService,
  children: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<Origin> {
  const { name, namespace, certificate: source } = service;
  const readFrom = async (secretName: string) => {
    const ref = { apiVersion: "v1", kind: "Secret", namespace, name: secretName };
    const object = await cluster.get(ref, { signal });
    return { kind: "Provided", namespace, secretName, content: object && toContent(object) } as const;
  };
  switch (source.kind) {
    case "SelfSigned":
      return source;
    case "Secret": {
      const found = await readFrom(source.secretName);
      return { ...found, requiredNames: source.dnsNames, issuance: undefined };
    }
    case "Issuer": {
      const found = await readFrom(issuedSecretName(name));
      const certificate = findCertificate(certificateName(name), children);
      return { ...found, requiredNames: [], issuance: describeIssuance(certificate) };
    }
  }
}

function findCertificate(name: string, children: readonly KubernetesObject[]): KubernetesObject | undefined {
  return children.find(({ kind, metadata }) => kind === CERTIFICATE_TYPE.kind && metadata.name === name);
}

function toContent(object: KubernetesObject): SecretContent {
  const data = decodeSecret(object);
  return {
    certificate: data[CERTIFICATE_KEY] || undefined,
    key: data[PRIVATE_KEY_KEY] || undefined,
    authorities: data[AUTHORITY_KEY] || undefined,
  };
}
