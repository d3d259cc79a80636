import { describe, expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import { issuedSecretName } from "./names.ts";
import { describeMissing, foreignObjects, judgeReference, referencesOf } from "./references.ts";

const redis = { urlSecretRef: { name: "my-redis" }, ca: { configMapRef: { name: "my-ca" } } };
const jwt = { issuer: "i", audience: "a" };

describe("what a service names", () => {
  test("is every Secret and ConfigMap that its pods mount and the operator does not make", () => {
    const byUrl = { ...jwt, jwksUrl: "https://a.example/jwks", jwksCa: { secretRef: { name: "ca" } } };
    const named = service({ backplane: { redis }, access: { subscribe: "Jwt", jwt: byUrl } });
    expect(referencesOf(named)).toEqual([
      { kind: "Secret", name: "my-redis", key: "url", field: "spec.backplane.redis.urlSecretRef" },
      { kind: "ConfigMap", name: "my-ca", key: "ca.crt", field: "spec.backplane.redis.ca.configMapRef" },
      { kind: "Secret", name: "ca", key: "ca.crt", field: "spec.access.jwt.jwksCa.secretRef" },
    ]);
  });

  test("is nothing that is not in use", () => {
    const unused = { publish: "Token", jwt: { ...jwt, keysSecretRef: { name: "keys" } } };
    expect(referencesOf(service({ access: unused }))).toEqual([]);
    expect(referencesOf(service({ access: { ...unused, publish: "Jwt" } }))).toHaveLength(1);
    expect(referencesOf(service({ replicas: 2 }))).toEqual([]);
  });
});

test("what others make is what is named, and the certificate's Secret", () => {
  const access = { publish: "Jwt", jwt: { ...jwt, keysSecretRef: { name: "one" } } };
  const both = service({ tls: { secretRef: { name: "one" } }, access, backplane: { redis } });
  expect(foreignObjects(both)).toEqual([
    { kind: "Secret", name: "one" },
    { kind: "Secret", name: "my-redis" },
    { kind: "ConfigMap", name: "my-ca" },
    { kind: "Secret", name: "one" },
  ]);
  expect(foreignObjects(service({ tls: { issuerRef: { name: "ca" } } }))).toEqual([
    { kind: "Secret", name: issuedSecretName("demo") },
  ]);
  expect(foreignObjects(service())).toEqual([]);
});

describe("a reference", () => {
  const one = { kind: "Secret", name: "mine", key: "url", field: "spec.x" } as const;
  const any = { ...one, key: undefined };

  test.each([
    [one, undefined, /"mine", which spec.x names, does not exist: create it/],
    [one, ["other"], /has no key "url": add it/],
    [any, [], /is empty: add a key/],
  ])("%j with the keys %j is missing, with the next step", (reference, keys, words) => {
    const missing = judgeReference(reference, keys);
    expect(missing && describeMissing(missing)).toMatch(words);
  });

  test("that is there is not missing", () => {
    expect([judgeReference(one, ["url"]), judgeReference(any, ["x"])]).toEqual([undefined, undefined]);
  });
});
