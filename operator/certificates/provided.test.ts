// @peculiar/x509 needs it before its own import.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import * as x509 from "@peculiar/x509";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import { issueAuthority, issueLeaf } from "./issue.ts";
import { type Provided, type SecretContent, takeProvided } from "./provided.ts";

const DAY_MS = 86_400_000;
const now = new Date("2026-01-01T00:00:00Z");
const later = (days: number) => new Date(now.getTime() + days * DAY_MS);
const KNOWN = ["demo.shop.svc", "192.0.2.1"];
const request = { commonName: "x", ipAddresses: [], validityDays: 90 };

let authority: KeyPair;
let leaf: KeyPair;

beforeAll(async () => {
  authority = await issueAuthority("test CA", now);
  leaf = await issueLeaf(authority, { ...request, dnsNames: ["demo.shop.svc", "*.example.com"] }, now);
});

const content = (change: Partial<SecretContent> = {}): SecretContent => ({
  certificate: leaf.certificate,
  key: leaf.key,
  authorities: authority.certificate,
  ...change,
});

function take(change: Partial<Provided> = {}, at = now) {
  const provided: Provided = {
    kind: "Provided",
    namespace: "shop",
    secretName: "mine",
    content: content(),
    requiredNames: [],
    issuance: undefined,
    ...change,
  };
  return takeProvided(provided, KNOWN, at);
}

function problemOf(change: Partial<Provided>, at = now): string {
  const taken = take(change, at);
  return "problem" in taken ? `${taken.problem.reason}: ${taken.problem.message}` : "none";
}

describe("a good Secret", () => {
  test("is served as it is", () => {
    expect(take()).toEqual({ pair: leaf, authorities: authority.certificate });
  });

  test("needs no authority when that is a well-known one", () => {
    expect(take({ content: content({ authorities: undefined }) })).toMatchObject({ authorities: undefined });
  });

  test("may hold the chain behind the certificate", () => {
    const certificate = leaf.certificate + authority.certificate;
    expect(problemOf({ content: content({ certificate }) })).toBe("none");
  });

  test("may be for the user's own names only, when the service says which", () => {
    expect(problemOf({ requiredNames: ["events.example.com", "*.example.com"] })).toBe("none");
  });
});

describe("a Secret that cannot be used says so, and what to do", () => {
  test("when it is missing", () => {
    expect(problemOf({ content: undefined })).toMatch(
      /^SecretMissing: .*kubectl -n shop create secret tls mine/,
    );
  });

  test("when a key is missing", () => {
    expect(problemOf({ content: content({ key: undefined }) })).toMatch(/^SecretIncomplete: .*no tls.key/);
    expect(problemOf({ content: content({ certificate: undefined }) })).toMatch(
      /^SecretIncomplete: .*no tls.crt/,
    );
  });

  test("when it holds no certificate", () => {
    expect(problemOf({ content: content({ certificate: "garbage" }) })).toMatch(
      /^CertificateUnreadable: .*BEGIN CERTIFICATE/,
    );
  });

  test("when the key is another's, or the chain comes first", () => {
    expect(problemOf({ content: content({ key: authority.key }) })).toMatch(/^KeyMismatch: .*first/);
    const certificate = authority.certificate + leaf.certificate;
    expect(problemOf({ content: content({ certificate }) })).toMatch(/^KeyMismatch: /);
  });

  test("when nginx would refuse its key", async () => {
    const weak = await issueWeak();
    expect(problemOf({ content: content(weak) })).toMatch(/^KeyTooWeak: .*1024 bits.*2048/);
  });

  test("when it has expired, or is not valid yet", () => {
    expect(problemOf({}, later(90))).toMatch(/^Expired: .*2026-04-01T00:00:00Z: put a new one there/);
    expect(problemOf({}, later(-1))).toMatch(/^NotYetValid: .*from 2025-12-31T23:55:00Z/);
  });

  test("when it is for none of the service's names", async () => {
    const other = await issueLeaf(authority, { ...request, dnsNames: ["shop.example.com"] }, now);
    const found = content({ certificate: other.certificate, key: other.key });
    expect(problemOf({ content: found })).toMatch(
      /^NamesMismatch: .*for shop.example.com, .*spec.tls.secretRef.dnsNames.*demo.shop.svc, 192.0.2.1/,
    );
    expect(problemOf({ content: found, requiredNames: ["shop.example.com"] })).toBe("none");
  });

  test("when it lacks one of the names that the service lists", () => {
    expect(problemOf({ requiredNames: ["demo.shop.svc", "example.com"] })).toMatch(
      /^NamesMismatch: .*not for example.com:/,
    );
  });
});

test("what cert-manager has not issued yet is waited for, whatever the Secret holds", () => {
  const issuance = { pending: "cert-manager is at work", renewalTime: undefined, attempt: undefined };
  expect(problemOf({ issuance })).toBe("IssuancePending: cert-manager is at work");
});

async function issueWeak(): Promise<{ certificate: string; key: string }> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 1_024,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=weak",
      notBefore: now,
      notAfter: later(1),
      keys,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "demo.shop.svc" }])],
    },
    webcrypto,
  );
  const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificate: certificate.toString("pem"), key: x509.PemConverter.encode(der, "PRIVATE KEY") };
}
