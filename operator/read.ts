/** Reads what one reconcile decides with: the resource and its children as watched, and what its own Secrets hold. */
import type { V1Deployment, V1Pod, V1Service } from "@kubernetes/client-node";
import type { KubernetesObject, ObjectRef } from "#operator/engine/cluster.ts";
import { isControlledBy, type Owner } from "#operator/engine/ownership.ts";
import { asKind, findKind } from "#operator/kinds.ts";
import type { Memories } from "#operator/memories.ts";
import type { OwnSecrets } from "#operator/own-secrets.ts";
import { decodeSecret, type SecretData } from "#operator/secret-data.ts";
import { RENEW_CERTIFICATE_ANNOTATION } from "#operator/sseservice/labels.ts";
import {
  authoritySecretName,
  backplaneName,
  certificateSecretName,
  deploymentName,
  publishTokenSecretName,
  serviceName,
} from "#operator/sseservice/names.ts";
import type { NodeFacts } from "#operator/sseservice/observation.ts";
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
import { GROUP, KIND, VERSION } from "#operator/sseservice/spec.ts";
import { parseKey, type Watches } from "#operator/watches.ts";

/** The world around one SseService. */
export interface Surroundings {
  readonly key: string;
  readonly resource: KubernetesObject;
  readonly owner: Owner;
  readonly children: readonly KubernetesObject[];
  readonly pods: readonly V1Pod[];
  readonly backplanePods: readonly V1Pod[];
  readonly deployment: V1Deployment | undefined;
  readonly kubernetesService: V1Service | undefined;
  readonly nodes: readonly NodeFacts[];
  readonly material: SecretMaterial;
}

/** What it takes to look around. */
export interface Surveying {
  readonly memories: Pick<Memories, "secrets" | "writes">;
  readonly watches: Pick<
    Watches,
    "service" | "children" | "nodes" | "pods" | "backplanePods" | "followSecrets"
  >;
}

/** Undefined when the SseService is gone or going: the garbage collector takes its children. Rejects with ClusterError. */
export async function readSurroundings(
  { memories: { secrets, writes }, watches }: Surveying,
  key: string,
  signal: AbortSignal,
): Promise<Surroundings | undefined> {
  const seen = watches.service(key);
  const resource = seen && writes.newest(seen);
  const { name = "", namespace = "", uid = "", deletionTimestamp } = resource?.metadata ?? {};
  if (!resource || deletionTimestamp) {
    watches.followSecrets(key, []);
    for (const ref of secretRefs(parseKey(key))) secrets.forget(ref);
    return undefined;
  }
  const children = writes.newestChildren(watches.children(uid), { uid });
  return {
    key,
    resource,
    owner: { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, name, uid },
    children,
    pods: watches.pods(key).flatMap(toPod),
    backplanePods: watches.backplanePods(key).flatMap(toPod),
    deployment: findKind("Deployment", deploymentName(name), children),
    kubernetesService: findKind("Service", serviceName(name), children),
    nodes: watches.nodes(),
    material: isUntouched(resource, children)
      ? NO_MATERIAL
      : await readMaterial(secrets, { name, namespace, uid }, signal),
  };
}

const NO_MATERIAL: SecretMaterial = {
  authority: undefined,
  certificate: undefined,
  publishToken: undefined,
  backplanePassword: undefined,
};

/** No run has come to an end yet, and none has made anything: there is no Secret to be read. */
function isUntouched(resource: KubernetesObject, children: readonly KubernetesObject[]): boolean {
  return resource["status"] === undefined && children.length === 0;
}

/** The CA, the certificate, the token and the managed backplane's password. */
function secretRefs({ namespace, name }: { readonly namespace: string; readonly name: string }): ObjectRef[] {
  const names = [
    authoritySecretName(name),
    certificateSecretName(name),
    publishTokenSecretName(name),
    backplaneName(name),
  ];
  return names.map((secretName) => ({ apiVersion: "v1", kind: "Secret", namespace, name: secretName }));
}

function toPod(object: KubernetesObject): V1Pod[] {
  return [asKind("Pod", object)].filter((pod) => pod !== undefined);
}

/** A Secret that is missing, or that another owner controls, counts as empty. */
async function readMaterial(
  secrets: Pick<OwnSecrets, "get">,
  { name, namespace, uid }: { readonly name: string; readonly namespace: string; readonly uid: string },
  signal: AbortSignal,
): Promise<SecretMaterial> {
  const read = async (ref: ObjectRef) => {
    const object = await secrets.get(ref, { signal });
    return object && isControlledBy(object, { uid }) ? object : undefined;
  };
  const objects = await Promise.all(secretRefs({ namespace, name }).map(read));
  const [authority, certificate, token, backplane] = objects;
  return {
    authority: toAuthority(decodeSecret(authority)),
    certificate: certificate && toServedCertificate(certificate),
    publishToken: decodeSecret(token)[TOKEN_KEY]?.trim() || undefined,
    backplanePassword: decodeSecret(backplane)[PASSWORD_KEY]?.trim() || undefined,
  };
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
