/** Reads what one reconcile decides with: the resource and its children as watched, and what its own Secrets hold. */
import type { V1Service } from "@kubernetes/client-node";
import type { ExistingMaterial } from "#operator/certificates/material.ts";
import type { Cluster, KubernetesObject } from "#operator/engine/cluster.ts";
import { isControlledBy, type Owner } from "#operator/engine/ownership.ts";
import { asKind, findKind } from "#operator/kinds.ts";
import {
  authoritySecretName,
  backplaneName,
  certificateSecretName,
  publishTokenSecretName,
  serviceName,
} from "#operator/sseservice/names.ts";
import type { NodeFacts } from "#operator/sseservice/observation.ts";
import { PASSWORD_KEY } from "#operator/sseservice/resources/backplane/secret.ts";
import {
  CERTIFICATE_KEY,
  type KeyPair,
  PRIVATE_KEY_KEY,
  TOKEN_KEY,
} from "#operator/sseservice/resources/secrets.ts";
import { GROUP, KIND, VERSION } from "#operator/sseservice/spec.ts";
import type { Watches } from "#operator/watches.ts";

/** The world around one SseService. */
export interface Surroundings {
  readonly key: string;
  readonly resource: KubernetesObject;
  readonly owner: Owner;
  readonly children: readonly KubernetesObject[];
  readonly kubernetesService: V1Service | undefined;
  readonly nodes: readonly NodeFacts[];
  readonly material: ExistingMaterial;
}

interface Sources {
  readonly cluster: Pick<Cluster, "get">;
  readonly watches: Pick<Watches, "service" | "children" | "nodes">;
}

/** Undefined when the SseService is gone or going: the garbage collector takes its children. Rejects with ClusterError. */
export async function readSurroundings(
  { cluster, watches }: Sources,
  key: string,
  signal: AbortSignal,
): Promise<Surroundings | undefined> {
  const resource = watches.service(key);
  const { name = "", namespace = "", uid = "", deletionTimestamp } = resource?.metadata ?? {};
  if (!resource || deletionTimestamp) return undefined;
  const children = watches.children(uid);
  return {
    key,
    resource,
    owner: { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, name, uid },
    children,
    kubernetesService: findKind("Service", serviceName(name), children),
    nodes: watches.nodes(),
    material: await readMaterial(cluster, { name, namespace, uid }, signal),
  };
}

type SecretData = Readonly<Record<string, string>>;

/** A Secret that is missing, or that another owner controls, counts as empty. */
async function readMaterial(
  cluster: Pick<Cluster, "get">,
  { name, namespace, uid }: { readonly name: string; readonly namespace: string; readonly uid: string },
  signal: AbortSignal,
): Promise<ExistingMaterial> {
  const read = async (secretName: string): Promise<SecretData> => {
    const object = await cluster.get(
      { apiVersion: "v1", kind: "Secret", namespace, name: secretName },
      { signal },
    );
    return object && isControlledBy(object, { uid }) ? decodeData(object) : {};
  };
  const [authority, certificate, token, backplane] = await Promise.all([
    read(authoritySecretName(name)),
    read(certificateSecretName(name)),
    read(publishTokenSecretName(name)),
    read(backplaneName(name)),
  ]);
  return {
    authority: keyPair(authority),
    leaf: keyPair(certificate),
    publishToken: token[TOKEN_KEY]?.trim() || undefined,
    backplanePassword: backplane[PASSWORD_KEY]?.trim() || undefined,
  };
}

function decodeData(object: KubernetesObject): SecretData {
  const entries = Object.entries(asKind("Secret", object)?.data ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  );
}

function keyPair(data: SecretData): KeyPair | undefined {
  const { [CERTIFICATE_KEY]: certificate, [PRIVATE_KEY_KEY]: key } = data;
  return certificate && key ? { certificate, key } : undefined;
}
