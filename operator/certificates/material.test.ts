import { beforeAll, describe, expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import { RENEW_CERTIFICATE_ANNOTATION } from "#operator/sseservice/labels.ts";
import type { KeyPair, SecretMaterial } from "#operator/sseservice/resources/secrets.ts";
import { inspectCertificate } from "./inspect.ts";
import { issueAuthority, issueLeaf } from "./issue.ts";
import { describeCertificate, isReissueAsked, type Origin, renewMaterial } from "./material.ts";
import type { Provided } from "./provided.ts";

const DAY_MS = 86_400_000;
const now = new Date("2026-01-01T00:00:00Z");
const later = (days: number) => new Date(now.getTime() + days * DAY_MS);
const names = { dnsNames: ["demo.shop.svc"], ipAddresses: [] };
const own: Origin = { kind: "SelfSigned", validityDays: 90 };
const NOTHING: SecretMaterial = {
  authority: undefined,
  certificate: undefined,
  publishToken: undefined,
  backplanePassword: undefined,
};

let mine: KeyPair;
let found: Provided;
let issued: Provided;

beforeAll(async () => {
  const authority = await issueAuthority("my CA", now);
  mine = await issueLeaf(authority, { commonName: "x", ...names, validityDays: 30 }, now);
  found = {
    kind: "Provided",
    namespace: "shop",
    secretName: "mine",
    content: { ...mine, authorities: authority.certificate },
    requiredNames: [],
    issuance: undefined,
  };
  const issuance = { pending: undefined, renewalTime: "2026-01-20T00:00:00Z", attempt: undefined };
  issued = { ...found, issuance };
});

const renew = (existing: SecretMaterial, origin: Origin = own, at = now, spec = {}) =>
  renewMaterial(service(spec), existing, { names, origin }, at);

describe("what the operator makes itself", () => {
  test("is kept while it is good", async () => {
    const { material } = await renew(NOTHING);
    expect((await renew(material, own, later(1))).material).toEqual(material);
  });

  test("is only the certificate, when only the certificate is missing", async () => {
    const { material: first } = await renew(NOTHING);
    const { material: second } = await renew({ ...first, certificate: undefined });
    expect(second).toMatchObject({ authority: first.authority, publishToken: first.publishToken });
    expect(second.certificate?.pair).not.toEqual(first.certificate?.pair);
  });

  test("has a token of 256 bits, and none when anyone may publish", async () => {
    const { material: closed } = await renew(NOTHING);
    expect(Buffer.from(closed.publishToken ?? "", "base64url")).toHaveLength(32);
    const { material: open } = await renew(closed, own, now, { access: { publish: "Anyone" } });
    expect(open.publishToken).toBeUndefined();
  });

  test("is described with whole seconds and both fingerprints", async () => {
    const { material } = await renew(NOTHING);
    expect(describeCertificate(material, own)).toEqual({
      notAfter: "2026-04-01T00:00:00Z",
      renewalTime: expect.stringMatching(/^2026-0(2-2[4-9]|3-0[12])T\d\d:\d\d:\d\dZ$/),
      fingerprint: inspectCertificate(material.certificate?.pair.certificate ?? "")?.fingerprint,
      caFingerprint: inspectCertificate(material.authority?.signing.certificate ?? "")?.fingerprint,
    });
  });
});

describe("another source", () => {
  test("takes the place of the operator's own certificate, and its authority goes", async () => {
    const { material: before } = await renew(NOTHING);
    const { material, problem } = await renew(before, found);
    expect(problem).toBeUndefined();
    expect(material.authority).toBeUndefined();
    expect(material.certificate?.pair).toEqual(mine);
    expect(describeCertificate(material, found)).not.toHaveProperty("renewalTime");
  });

  test("that is flawed leaves what was good before in service", async () => {
    const { material: before } = await renew(NOTHING);
    const flawed = { ...found, content: undefined };
    const { material, problem } = await renew(before, flawed);
    expect(problem?.reason).toBe("SecretMissing");
    expect(material.certificate).toEqual(before.certificate);
    expect((await renew(material, found)).material.certificate?.pair).toEqual(mine);
  });

  test("that has never been good serves nothing", async () => {
    const { material, problem } = await renew(NOTHING, { ...found, content: undefined });
    expect(problem).toBeDefined();
    expect(material.certificate).toBeUndefined();
    expect(describeCertificate(material, found)).toBeUndefined();
  });

  test("may be left for the operator's own again", async () => {
    const { material: provided } = await renew(NOTHING, found);
    const { material } = await renew(provided);
    const signer = material.authority?.signing.certificate ?? "";
    expect(inspectCertificate(material.certificate?.pair.certificate ?? "")?.isSignedBy(signer)).toBe(true);
  });

  test("tells when cert-manager renews", async () => {
    const { material } = await renew(NOTHING, issued);
    expect(describeCertificate(material, issued)).toMatchObject({ renewalTime: "2026-01-20T00:00:00Z" });
  });
});

describe("the user's wish for another certificate", () => {
  /** What is noted afterwards, and whether cert-manager is asked. */
  async function wish(before: SecretMaterial, value: string | undefined, origin: Origin = issued) {
    const annotations = value === undefined ? {} : { [RENEW_CERTIFICATE_ANNOTATION]: value };
    const { material } = await renewMaterial(service({}, { annotations }), before, { names, origin }, now);
    return { material, noted: material.certificate?.renewalRequest, asks: isReissueAsked(before, material) };
  }

  test("is handed on to cert-manager once for each value, and may be taken back", async () => {
    let before = (await renew(NOTHING, issued)).material;
    for (const [value, noted, asks] of [
      ["1", "1", true],
      ["1", "1", false],
      [undefined, "1", false],
      ["1", "1", false],
      ["2", "2", true],
    ] as const) {
      const after = await wish(before, value);
      expect(after).toMatchObject({ noted, asks });
      before = after.material;
    }
  });

  test("is granted already by one that is new anyway", async () => {
    expect(await wish(NOTHING, "1")).toMatchObject({ noted: "1", asks: false });
  });

  test("waits while one is being issued", async () => {
    const { material } = await renew(NOTHING, issued);
    const issuance = { pending: "not yet", renewalTime: undefined, attempt: undefined };
    const pending = { ...issued, issuance };
    expect(await wish(material, "1", pending)).toMatchObject({ noted: undefined, asks: false });
  });

  test("is nothing that a Secret of the user's could grant", async () => {
    const { material } = await renew(NOTHING, found);
    expect(await wish(material, "1", found)).toMatchObject({ noted: undefined, asks: false });
  });
});
