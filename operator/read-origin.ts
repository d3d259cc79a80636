/** Reads what is found where a service's certificate comes from, and sees to it that a change there is noticed. */
import { describeIssuance } from "#operator/certificates/cert-manager.ts";
import type { Origin } from "#operator/certificates/material.ts";
import type { SecretContent } from "#operator/certificates/provided.ts";
import type { Cluster, KubernetesObject } from "#operator/engine/cluster.ts";
import { decodeSecret } from "#operator/secret-data.ts";
import { certificateName, issuedSecretName } from "#operator/sseservice/names.ts";
import { CERTIFICATE_TYPE } from "#operator/sseservice/resources/certificate.ts";
import { AUTHORITY_KEY, CERTIFICATE_KEY, PRIVATE_KEY_KEY } from "#operator/sseservice/resources/secrets.ts";
import type { SseService } from "#operator/sseservice/spec.ts";
import { keyOf, type Watches } from "#operator/watches.ts";

interface Sources {
  readonly cluster: Pick<Cluster, "get">;
  readonly watches: Pick<Watches, "followSecrets">;
}

/** Rejects with ClusterError. */
export async function readOrigin(
  { cluster, watches }: Sources,
  service: SseService,
  children: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<Origin> {
  const { name, namespace, certificate: source } = service;
  const readFrom = async (secretName: string) => {
    // Before the content is read: a change in between is then seen in one way or the other.
    watches.followSecrets(keyOf(service), [secretName]);
    const ref = { apiVersion: "v1", kind: "Secret", namespace, name: secretName };
    const object = await cluster.get(ref, { signal });
    return { kind: "Provided", namespace, secretName, content: object && toContent(object) } as const;
  };
  switch (source.kind) {
    case "SelfSigned":
      watches.followSecrets(keyOf(service), []);
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
