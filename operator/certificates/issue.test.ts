// @peculiar/x509 needs it before its own import.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import { inspectCertificate, inspectPair } from "./inspect.ts";
import { issueAuthority, issueLeaf } from "./issue.ts";

const DAY_MS = 86_400_000;
const now = new Date("2026-01-01T00:00:00Z");
const later = (days: number) => new Date(now.getTime() + days * DAY_MS);
const names = ["demo", "*.example.com", "127.0.0.1", "2001:db8::10"];
const request = {
  commonName: "demo",
  dnsNames: ["demo", "*.example.com"],
  ipAddresses: ["127.0.0.1", "2001:db8::10"],
  validityDays: 90,
};

let authority: KeyPair;
let leaf: KeyPair;

beforeAll(async () => {
  authority = await issueAuthority("test CA", now);
  leaf = await issueLeaf(authority, request, now);
});

test("a leaf is signed by its authority, with its own key and every name", () => {
  const facts = inspectPair(leaf);
  expect(facts?.isSignedBy(authority.certificate)).toBe(true);
  expect(names.filter((name) => !facts?.holds(name))).toEqual([]);
  expect(facts?.names).toHaveLength(names.length);
  expect(facts?.notAfter).toEqual(later(90));
});

test("a leaf is for what its names stand for, and for nothing else", () => {
  const facts = inspectCertificate(leaf.certificate);
  const hosts = [
    "events.example.com",
    "2001:DB8:0::10",
    "demo",
    "example.com",
    "a.b.example.com",
    "192.0.2.1",
  ];
  expect(hosts.map((host) => facts?.isFor(host))).toEqual([true, true, true, false, false, false]);
});

test("a leaf never outlives its authority", async () => {
  const late = await issueLeaf(authority, { ...request, validityDays: 825 }, later(3_600));
  expect(inspectPair(late)?.notAfter).toEqual(inspectPair(authority)?.notAfter);
});

test("a pair that does not belong together is none", () => {
  expect(inspectPair({ ...leaf, key: authority.key })).toBeUndefined();
  expect(inspectPair({ ...leaf, key: "garbage" })).toBeUndefined();
});

test("every extension is there, as another library reads it", () => {
  const told = (pem: string) =>
    new x509.X509Certificate(pem).extensions.map(
      ({ constructor, critical }) => `${constructor.name}${critical ? "!" : ""}`,
    );
  expect(told(authority.certificate)).toEqual([
    "BasicConstraintsExtension!",
    "KeyUsagesExtension!",
    "SubjectKeyIdentifierExtension",
  ]);
  expect(told(leaf.certificate)).toEqual([
    "BasicConstraintsExtension!",
    "KeyUsagesExtension!",
    "ExtendedKeyUsageExtension",
    "SubjectAlternativeNameExtension",
    "SubjectKeyIdentifierExtension",
    "AuthorityKeyIdentifierExtension",
  ]);
});

test("an authority may sign leaves only, and a leaf may only serve", () => {
  const [ca, server] = [authority, leaf].map(({ certificate }) => new x509.X509Certificate(certificate));
  expect(ca?.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0 });
  expect(server?.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: false });
  const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags;
  expect(ca?.getExtension(x509.KeyUsagesExtension)?.usages).toBe(keyCertSign | cRLSign);
  expect(server?.getExtension(x509.KeyUsagesExtension)?.usages).toBe(digitalSignature);
  expect(server?.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([
    x509.ExtendedKeyUsage.serverAuth,
  ]);
});

test("a leaf names its authority as that names itself, whoever made it", async () => {
  const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const strange = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ O: ["Émile & Co"] }, { CN: ["strange CA"] }],
      notBefore: now,
      notAfter: later(365),
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      keys,
      extensions: [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)],
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const pair = {
    certificate: strange.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
  const signed = new x509.X509Certificate((await issueLeaf(pair, request, now)).certificate);
  expect(Buffer.from(signed.issuerName.toArrayBuffer())).toEqual(
    Buffer.from(strange.subjectName.toArrayBuffer()),
  );
  const { keyId } = signed.getExtension(x509.AuthorityKeyIdentifierExtension) ?? {};
  expect(keyId).toBe(strange.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId);
  expect(await signed.verify({ publicKey: strange.publicKey, date: later(1) }, webcrypto)).toBe(true);
});

test("a leaf is for any address, however it is spelled", async () => {
  const addresses = ["::", "::1", "2001:DB8:0:0::10", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "0.0.0.0"];
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.ipV4(), fc.ipV6()), async (address) => {
      const { certificate } = await issueLeaf(
        authority,
        { ...request, ipAddresses: [...addresses, address] },
        now,
      );
      const facts = inspectCertificate(certificate);
      expect([...addresses, address].filter((each) => !facts?.isFor(each))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test("no two certificates have the same serial number", async () => {
  const again = await issueLeaf(authority, request, now);
  const serials = [leaf, again, authority].map(
    ({ certificate }) => new x509.X509Certificate(certificate).serialNumber,
  );
  expect(new Set(serials).size).toBe(3);
  expect(serials.every((serial) => /^[4-7][0-9a-f]{31}$/.test(serial))).toBe(true);
});
