/** Reads what the Secrets of a service hold that the operator itself made. */
import type { KubernetesObject, ObjectRef } from "#operator/engine/cluster.ts";
import { isControlledBy } from "#operator/engine/ownership.ts";
import type { OwnSecrets } from "#operator/own-secrets.ts";
import type { Surroundings } from "#operator/read.ts";
import { decodeSecret, type SecretData } from "#operator/secret-data.ts";
import { RENEW_CERTIFICATE_ANNOTATION } from "#operator/sseservice/labels.ts";
import {
  authoritySecretName,
  backplaneName,
  certificateSecretName,
  publishTokenSecretName,
} from "#operator/sseservice/names.ts";
import { PASSWORD_KEY } from "#operator/sseservice/resources/backplane/secret.ts";
import {
  type Authority,
  AUTHORITY_KEY,
  CERTIFICATE_KEY,
  type KeyPair,
  NEXT_CERTIFICATE_KEY,
  NEXT_PRIVATE_KEY_KEY,
  PREVIOUS_CERTIFICATE_KEY,
  PRIVATE_KEY_KEY,
  type SecretMaterial,
  type ServedCertificate,
  TOKEN_KEY,
} from "#operator/sseservice/resources/secrets.ts";
import type { SseService } from "#operator/sseservice/spec.ts";

const NO_MATERIAL: SecretMaterial = {
  authority: undefined,
  certificate: undefined,
  publishToken: undefined,
  backplanePassword: undefined,
};

/** As far as the service has a use for it. A Secret that is missing, or that another owner controls, counts as empty. Rejects with ClusterError. */
export async function readMaterial(
  secrets: Pick<OwnSecrets, "get">,
  seen: Surroundings,
  { name, namespace, spec, certificate, backplane }: SseService,
  signal: AbortSignal,
): Promise<SecretMaterial> {
  if (isUntouched(seen)) return NO_MATERIAL;
  const read = async (isOfUse: boolean, secretName: string) => {
    const object = isOfUse ? await secrets.get(secretRef(namespace, secretName), { signal }) : undefined;
    return object && isControlledBy(object, seen.owner) ? object : undefined;
  };
  const [authority, served, token, password] = await Promise.all([
    read(certificate.kind === "SelfSigned", authoritySecretName(name)),
    read(true, certificateSecretName(name)),
    read(spec.access.publish === "Token", publishTokenSecretName(name)),
    read(backplane.kind === "Managed", backplaneName(name)),
  ]);
  return {
    authority: toAuthority(decodeSecret(authority)),
    certificate: served && toServedCertificate(served),
    publishToken: decodeSecret(token)[TOKEN_KEY]?.trim() || undefined,
    backplanePassword: decodeSecret(password)[PASSWORD_KEY]?.trim() || undefined,
  };
}

/** To be called when the service is gone. */
export function forgetMaterial(
  secrets: Pick<OwnSecrets, "forget">,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): void {
  for (const nameOf of [authoritySecretName, certificateSecretName, publishTokenSecretName, backplaneName]) {
    secrets.forget(secretRef(namespace, nameOf(name)));
  }
}

/** No run has come to an end yet, and none has made anything: there is no Secret to be read. */
function isUntouched({ resource, children }: Surroundings): boolean {
  return resource["status"] === undefined && children.length === 0;
}

function secretRef(namespace: string, name: string): ObjectRef {
  return { apiVersion: "v1", kind: "Secret", namespace, name };
}

function toAuthority(data: SecretData): Authority | undefined {
  const signing = keyPair(data[CERTIFICATE_KEY], data[PRIVATE_KEY_KEY]);
  const next = keyPair(data[NEXT_CERTIFICATE_KEY], data[NEXT_PRIVATE_KEY_KEY]);
  return signing && { signing, next, previous: data[PREVIOUS_CERTIFICATE_KEY] || undefined };
}

function toServedCertificate(object: KubernetesObject): ServedCertificate | undefined {
  const data = decodeSecret(object);
  const pair = keyPair(data[CERTIFICATE_KEY], data[PRIVATE_KEY_KEY]);
  return (
    pair && {
      pair,
      authorities: data[AUTHORITY_KEY] || undefined,
      renewalRequest: object.metadata.annotations?.[RENEW_CERTIFICATE_ANNOTATION],
    }
  );
}

function keyPair(certificate: string | undefined, key: string | undefined): KeyPair | undefined {
  return certificate && key ? { certificate, key } : undefined;
}
