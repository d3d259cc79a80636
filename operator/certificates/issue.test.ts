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
