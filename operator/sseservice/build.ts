/** An SseService and its secrets -> every object that it becomes, in the order in which to apply them. Pure; can't fail. */
import { createHash } from "node:crypto";
import type { KubernetesObject } from "@kubernetes/client-node";
import type { Installation } from "./installation.ts";
import { STAMP_ANNOTATION } from "./labels.ts";
import { buildBackplaneNetworkPolicy } from "./resources/backplane/network-policy.ts";
import { buildBackplaneSecret } from "./resources/backplane/secret.ts";
import { buildBackplaneService } from "./resources/backplane/service.ts";
import { buildBackplaneStatefulSet } from "./resources/backplane/stateful-set.ts";
import { buildCertificate } from "./resources/certificate.ts";
import { buildConfigMap } from "./resources/config-map.ts";
import { buildDeployment, type DefaultImages } from "./resources/deployment.ts";
import { buildNetworkPolicy } from "./resources/network-policy.ts";
import { buildPodDisruptionBudget } from "./resources/pod-disruption-budget.ts";
import type { Child, ChildMetadata } from "./resources/metadata.ts";
import {
  buildAuthoritySecret,
  buildCertificateSecret,
  buildPublishTokenSecret,
  type SecretMaterial,
} from "./resources/secrets.ts";
import { buildService } from "./resources/service.ts";
import { buildServiceAccount } from "./resources/service-account.ts";
import type { SseService } from "./spec.ts";
import type { CertificateNames } from "./tls.ts";

/** What the objects are made of, beside the service itself. */
export interface Ingredients {
  readonly material: SecretMaterial;
  /** What a certificate is to be for. */
  readonly names: CertificateNames;
  readonly installation: Installation;
  /** Pods run already: without a certificate no new ones are begun, but those stay. */
  readonly hasPods: boolean;
}

export function buildChildren(service: SseService, ingredients: Ingredients): Child<KubernetesObject>[] {
  const { material, hasPods } = ingredients;
  const { images, namespace } = ingredients.installation;
  const { authority, certificate, publishToken } = material;
  const children: Child<KubernetesObject>[] = [
    buildServiceAccount(service),
    buildConfigMap(service),
    ...(authority ? [buildAuthoritySecret(service, authority)] : []),
    ...buildIssuedCertificate(service, ingredients),
    ...(certificate ? [buildCertificateSecret(service, certificate)] : []),
    ...(publishToken === undefined ? [] : [buildPublishTokenSecret(service, publishToken)]),
    ...buildManagedBackplane(service, material, images),
    buildNetworkPolicy(service, namespace),
    buildService(service),
    ...(certificate || hasPods ? [buildDeployment(service, images)] : []),
    ...(service.spec.replicas > 1 ? [buildPodDisruptionBudget(service)] : []),
  ];
  return children.map(stamp);
}

/** Each is built by one literal, so the order of its fields is fixed. */
function stamp(child: Child<KubernetesObject>): Child<KubernetesObject> {
  const hash = createHash("sha256").update(JSON.stringify(child)).digest("hex").slice(0, 16);
  const metadata: ChildMetadata = child.metadata;
  const annotations = { ...metadata.annotations, [STAMP_ANNOTATION]: hash };
  return { ...child, metadata: { ...metadata, annotations } };
}

function buildIssuedCertificate(service: SseService, { names }: Ingredients): Child<KubernetesObject>[] {
  const { certificate: source } = service;
  return source.kind === "Issuer" ? [buildCertificate(service, source.issuer, names)] : [];
}

function buildManagedBackplane(
  service: SseService,
  { backplanePassword }: SecretMaterial,
  images: DefaultImages,
): Child<KubernetesObject>[] {
  const { backplane } = service;
  if (backplane.kind !== "Managed" || backplanePassword === undefined) return [];
  const image = service.spec.images.valkey ?? images.valkey;
  return [
    buildBackplaneSecret(service, backplanePassword),
    buildBackplaneNetworkPolicy(service),
    buildBackplaneService(service),
    buildBackplaneStatefulSet(service, backplane.storage, backplanePassword, image),
  ];
}
