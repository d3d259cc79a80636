/** What a service names in its own namespace and cannot start without, and what is missing of it. Pure. */
import { jwtInUse } from "./access.ts";
import { issuedSecretName } from "./names.ts";
import type { SseService } from "./spec.ts";
import { toTrustedCa, type TrustedCa } from "./trusted-ca.ts";

/** A Secret or ConfigMap that the operator did not make, in the service's namespace. */
export interface ForeignObject {
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
}

/** One that the user names. */
export interface Reference extends ForeignObject {
  /** The one that is needed; undefined: any one. */
  readonly key: string | undefined;
  /** The field that names it. */
  readonly field: string;
}

export interface MissingReference {
  readonly reference: Reference;
  /** Whether the object is missing, or only the key in it. */
  readonly missing: "object" | "key";
}

export function referencesOf({ spec, backplane }: SseService): Reference[] {
  const redis = backplane.kind === "Redis" ? backplane : undefined;
  const { keysSecretRef, jwksCa } = jwtInUse(spec.access) ?? {};
  return [
    ...inSecret(redis?.url, "spec.backplane.redis.urlSecretRef"),
    ...inAuthority(redis?.ca, "spec.backplane.redis.ca"),
    ...inSecret(keysSecretRef, "spec.access.jwt.keysSecretRef"),
    ...inAuthority(jwksCa && toTrustedCa(jwksCa), "spec.access.jwt.jwksCa"),
  ];
}

/** What the service depends on and the operator does not make; one that several fields name may be there several times. */
export function foreignObjects(service: SseService): ForeignObject[] {
  const named = referencesOf(service).map(({ kind, name }): ForeignObject => ({ kind, name }));
  return [...certificateSecret(service), ...named];
}

function certificateSecret({ name, certificate }: SseService): ForeignObject[] {
  switch (certificate.kind) {
    case "SelfSigned":
      return [];
    case "Secret":
      return [{ kind: "Secret", name: certificate.secretName }];
    case "Issuer":
      return [{ kind: "Secret", name: issuedSecretName(name) }];
  }
}

function inSecret(
  ref: { readonly name: string; readonly key?: string } | undefined,
  field: string,
): Reference[] {
  return ref ? [{ kind: "Secret", name: ref.name, key: ref.key, field }] : [];
}

function inAuthority(ca: TrustedCa | undefined, field: string): Reference[] {
  return ca ? [{ ...ca, field: `${field}.${ca.kind === "Secret" ? "secretRef" : "configMapRef"}` }] : [];
}

/** `keys` are those of the object; undefined: there is no such object. */
export function judgeReference(
  reference: Reference,
  keys: readonly string[] | undefined,
): MissingReference | undefined {
  if (keys === undefined) return { reference, missing: "object" };
  const isThere = reference.key === undefined ? keys.length > 0 : keys.includes(reference.key);
  return isThere ? undefined : { reference, missing: "key" };
}

/** What is missing, and the next step. */
export function describeMissing({ reference, missing }: MissingReference): string {
  const { kind, name, key, field } = reference;
  const object = `The ${kind} "${name}", which ${field} names,`;
  if (missing === "object") return `${object} does not exist: create it in the same namespace`;
  return key === undefined ? `${object} is empty: add a key` : `${object} has no key "${key}": add it`;
}
