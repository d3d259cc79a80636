/** An SseService and its secrets -> every object that it becomes, in the order in which to apply them. Pure; can't fail. */
import type { KubernetesObject } from "@kubernetes/client-node";
import type { Installation } from "./installation.ts";
import { buildBackplaneNetworkPolicy } from "./resources/backplane/network-policy.ts";
import { buildBackplaneSecret } from "./resources/backplane/secret.ts";
import { buildBackplaneService } from "./resources/backplane/service.ts";
import { buildBackplaneStatefulSet } from "./resources/backplane/stateful-set.ts";
import { buildConfigMap } from "./resources/config-map.ts";
import { buildDeployment, type DefaultImages } from "./resources/deployment.ts";
import { buildNetworkPolicy } from "./resources/network-policy.ts";
import { buildPodDisruptionBudget } from "./resources/pod-disruption-budget.ts";
import type { Child } from "./resources/metadata.ts";
import {
  buildAuthoritySecret,
  buildCertificateSecret,
  buildPublishTokenSecret,
  type SecretMaterial,
} from "./resources/secrets.ts";
import { buildService } from "./resources/service.ts";
import { buildServiceAccount } from "./resources/service-account.ts";
import type { SseService } from "./spec.ts";

export function buildChildren(
  service: SseService,
  material: SecretMaterial,
  { images, namespace }: Installation,
): Child<KubernetesObject>[] {
  const { publishToken } = material;
  return [
    buildServiceAccount(service),
    buildConfigMap(service),
    buildAuthoritySecret(service, material),
    buildCertificateSecret(service, material),
    ...(publishToken === undefined ? [] : [buildPublishTokenSecret(service, publishToken)]),
    ...buildManagedBackplane(service, material, images),
    buildNetworkPolicy(service, namespace),
    buildService(service),
    buildDeployment(service, images),
    ...(service.spec.replicas > 1 ? [buildPodDisruptionBudget(service)] : []),
  ];
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
