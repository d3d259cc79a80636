import { beforeAll, describe, expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import { inspectCertificate } from "./inspect.ts";
import { issueAuthority, issueLeaf } from "./issue.ts";
import { describeCertificate, renewMaterial } from "./material.ts";
import { renewalReason } from "./renewal.ts";

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

describe("a leaf", () => {
  test("is signed by its authority, with its own key and every name", () => {
    const facts = inspectCertificate(leaf);
    expect(facts?.isSignedBy(authority.certificate)).toBe(true);
    expect(facts?.keyMatches).toBe(true);
    expect(names.filter((name) => !facts?.covers(name))).toEqual([]);
    expect(facts?.notAfter).toEqual(later(90));
  });

  test("never outlives its authority", async () => {
    const late = await issueLeaf(authority, { ...request, validityDays: 825 }, later(3_600));
    expect(inspectCertificate(late)?.notAfter).toEqual(inspectCertificate(authority)?.notAfter);
  });
});

describe("renewalReason", () => {
  const wanted = () => ({ names, authority: authority.certificate });

  test("is none while all is well", () => {
    expect(renewalReason(leaf, wanted(), later(59))).toBeUndefined();
  });

  test("comes at two thirds of the lifetime", () => {
    expect(renewalReason(leaf, wanted(), later(60))).toBe("RenewalDue");
  });

  test("names what is wrong", async () => {
    const other = await issueAuthority("test CA", now);
    expect(renewalReason(undefined, wanted(), now)).toBe("Missing");
    expect(renewalReason({ ...leaf, certificate: "garbage" }, wanted(), now)).toBe("Unreadable");
    expect(renewalReason({ ...leaf, key: other.key }, wanted(), now)).toBe("KeyMismatch");
    expect(renewalReason({ ...leaf, key: "garbage" }, wanted(), now)).toBe("KeyMismatch");
    expect(renewalReason(leaf, { names, authority: other.certificate }, now)).toBe("OtherAuthority");
    expect(renewalReason(leaf, { ...wanted(), names: names.slice(1) }, now)).toBe("NamesChanged");
    expect(renewalReason(leaf, { ...wanted(), names: [...names, "new"] }, now)).toBe("NamesChanged");
  });
});

describe("renewMaterial", () => {
  const surroundings = { nodes: [], kubernetesService: undefined };
  const nothing = {
    authority: undefined,
    leaf: undefined,
    publishToken: undefined,
    backplanePassword: undefined,
  };

  test("keeps what is good", async () => {
    const first = await renewMaterial(service(), nothing, surroundings, now);
    expect(await renewMaterial(service(), first, surroundings, later(1))).toEqual(first);
  });

  test("issues only the leaf when only the leaf is missing", async () => {
    const first = await renewMaterial(service(), nothing, surroundings, now);
    const second = await renewMaterial(service(), { ...first, leaf: undefined }, surroundings, now);
    expect(second.authority).toEqual(first.authority);
    expect(second.leaf).not.toEqual(first.leaf);
    expect(second.publishToken).toBe(first.publishToken);
  });

  test("makes a token of 256 bits, and none when anyone may publish", async () => {
    const closed = await renewMaterial(service(), nothing, surroundings, now);
    expect(Buffer.from(closed.publishToken ?? "", "base64url")).toHaveLength(32);
    const open = await renewMaterial(service({ access: { publish: "Anyone" } }), closed, surroundings, now);
    expect(open.publishToken).toBeUndefined();
  });

  test("is described with whole seconds and the CA's fingerprint", async () => {
    const made = await renewMaterial(service(), nothing, surroundings, now);
    expect(describeCertificate(made)).toEqual({
      notAfter: "2026-04-01T00:00:00Z",
      renewalTime: expect.stringMatching(/^2026-03-0[12]T\d\d:\d\d:\d\dZ$/),
      caFingerprint: inspectCertificate(made.authority)?.fingerprint,
    });
  });
});
