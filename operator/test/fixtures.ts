/** Objects that several tests of the operator start from. */
import type { Ingredients } from "#operator/sseservice/build.ts";
import type { Installation } from "#operator/sseservice/installation.ts";
import { parseSseService } from "#operator/sseservice/parse.ts";
import type { SecretMaterial } from "#operator/sseservice/resources/secrets.ts";
import type { SseService } from "#operator/sseservice/spec.ts";

/** An SseService as the API server holds it. */
export function resource(spec: object = {}, metadata: object = {}) {
  return {
    apiVersion: "sse-operator.dev/v1alpha1",
    kind: "SseService",
    metadata: { name: "demo", namespace: "shop", uid: "uid-1", generation: 1, ...metadata },
    spec,
  };
}

/** The same, parsed. */
export function service(spec: object = {}, metadata: object = {}): SseService {
  const parsed = parseSseService(resource(spec, metadata));
  if ("issues" in parsed) throw new Error(`Cannot parse the fixture: ${JSON.stringify(parsed.issues)}`);
  return parsed.service;
}

export const images = { runtime: "runtime:1", nginx: "nginx:1", valkey: "valkey:1" };

export const installation: Installation = { images, namespace: "sse-operator" };

export const material: SecretMaterial = {
  authority: {
    signing: { certificate: "CA CERT", key: "CA KEY" },
    next: undefined,
    previous: undefined,
  },
  certificate: {
    pair: { certificate: "LEAF CERT", key: "LEAF KEY" },
    authorities: "CA CERT",
    renewalRequest: undefined,
  },
  publishToken: "secret-token",
  backplanePassword: "secret-password",
};

export const ingredients: Ingredients = {
  material,
  names: { dnsNames: ["demo"], ipAddresses: ["192.0.2.1"] },
  installation,
  hasPods: false,
};
