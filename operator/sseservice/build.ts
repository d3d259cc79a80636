/** An SseService and its secrets -> every object that it becomes, in the order in which to apply them. Pure; can't fail. */
import type { KubernetesObject } from "@kubernetes/client-node";
import { buildConfigMap } from "./resources/config-map.ts";
import { buildDeployment, type DefaultImages } from "./resources/deployment.ts";
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
  images: DefaultImages,
): Child<KubernetesObject>[] {
  return [
    buildServiceAccount(service),
    buildConfigMap(service),
    buildAuthoritySecret(service, material),
    buildCertificateSecret(service, material),
    ...(material.publishToken === undefined ? [] : [buildPublishTokenSecret(service, material.publishToken)]),
    buildService(service),
    buildDeployment(service, images),
  ];
}
