import { createSecretKey } from "node:crypto";
import { UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { AUDIENCE, EVERYTHING, ISSUER, jwksOf, signToken, SigningKey } from "#runtime/test/jwt-issuer.ts";
import { keysFor, parseJwks, parseKeyFiles, type KeySource, type VerificationKey } from "./key-set.ts";
import { createTokenVerifier, type JwtSettings } from "./token-verifier.ts";

const SECRET = "a secret of thirty-two bytes or so";

const SETTINGS: JwtSettings = {
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithms: ["RS256", "ES256", "EdDSA"],
  clockToleranceSeconds: 5,
};

let key: SigningKey;
let trusted: VerificationKey[];
beforeAll(async () => {
  key = await SigningKey.create();
  trusted = parseJwks(JSON.parse(await jwksOf(key)));
});

function verify(token: string, settings: Partial<JwtSettings> = {}, keys = trusted) {
  const source: KeySource = { find: async (hint) => keysFor(keys, hint) };
  return createTokenVerifier({ ...SETTINGS, ...settings }, source, Date.now)(token);
}

function invalid(reason: RegExp) {
  return { kind: "invalid", reason: expect.stringMatching(reason) };
}

describe("a token is taken", () => {
  test("with its claims and until it expires", async () => {
    const verdict = await verify(await key.sign({ sse: { publish: ["a", "b/*"] }, expiresInSeconds: 60 }));
    expect(verdict).toMatchObject({ kind: "valid", claims: { publish: ["a", "b/*"], subscribe: [] } });
    const left = verdict.kind === "valid" ? verdict.expiresInMs : 0;
    expect(left).toBeGreaterThan(30_000);
    expect(left).toBeLessThanOrEqual(65_000);
  });

  test.each(["RS256", "ES256", "EdDSA"])("signed with %s, by a key in PEM without a name", async (name) => {
    const other = await SigningKey.create("other", name);
    const files = [{ name: "key.pem", text: await other.pem() }];
    expect(await verify(await other.sign(), {}, parseKeyFiles(files, false))).toMatchObject({
      kind: "valid",
    });
  });

  test("signed by any of several keys without names", async () => {
    const others = await Promise.all([SigningKey.create("1"), SigningKey.create("2")]);
    const files = await Promise.all(
      others.map(async ({ id }, at) => ({ name: id, text: (await others[at]?.pem()) ?? "" })),
    );
    const keys = parseKeyFiles(files, false);
    for (const other of others)
      expect(await verify(await other.sign(), {}, keys)).toMatchObject({ kind: "valid" });
  });

  test("signed with a shared secret, where HMAC is allowed", async () => {
    const keys = parseKeyFiles([{ name: "secret", text: `${SECRET}\n` }], true);
    const token = await signToken({ alg: "HS256" }, Buffer.from(SECRET));
    expect(await verify(token, { algorithms: ["HS256"] }, keys)).toMatchObject({ kind: "valid" });
    expect(await verify(token, {}, keys)).toEqual(invalid(/not a JSON Web Token signed with RS256/));
  });

  test("a little late, as clocks differ", async () => {
    expect(await verify(await key.sign({ expiresInSeconds: -3 }))).toMatchObject({ kind: "valid" });
  });

  test("without the claim, and opens nothing", async () => {
    const claims = { publish: [], subscribe: [] };
    expect(await verify(await key.sign({ sse: null }))).toMatchObject({ claims });
    expect(await verify(await key.sign({ sse: {} }))).toMatchObject({ claims });
  });
});

describe("a token is refused", () => {
  test.each([
    ["expired", { expiresInSeconds: -60 }, /has expired/],
    ["of another issuer", { issuer: "https://other.example" }, /"iss"/],
    ["for another audience", { audience: "other" }, /"aud"/],
    ["with a claim of another shape", { sse: { publish: "*" } }, /claim "sse" is not/],
  ])("%s", async (_, spec, reason) => {
    expect(await verify(await key.sign(spec))).toEqual(invalid(reason));
  });

  test("that never expires", async () => {
    const { SignJWT } = await import("jose");
    const secret = createSecretKey(Buffer.from(SECRET));
    const jwt = new SignJWT({ sse: EVERYTHING }).setProtectedHeader({ alg: "HS256" });
    const token = await jwt.setIssuer(ISSUER).setAudience(AUDIENCE).sign(secret);
    const keys = parseKeyFiles([{ name: "secret", text: SECRET }], true);
    expect(await verify(token, { algorithms: ["HS256"] }, keys)).toEqual(invalid(/"exp"/));
  });

  test("of a key with the same name, but not the same", async () => {
    const impostor = await SigningKey.create(key.id);
    expect(await verify(await impostor.sign())).toEqual(invalid(/no key that is trusted/));
  });

  test("without a signature", async () => {
    const token = new UnsecuredJWT({
      sse: EVERYTHING,
      iss: ISSUER,
      aud: AUDIENCE,
      exp: 9_999_999_999,
    }).encode();
    expect(await verify(token)).toEqual(invalid(/not a JSON Web Token signed with/));
  });

  test("signed with the public key's text as if it were a secret", async () => {
    const pem = await key.pem();
    const token = await signToken({ alg: "HS256" }, Buffer.from(pem.trim()));
    const keys = parseKeyFiles([{ name: "key.pem", text: pem }], true);
    expect(await verify(token, { algorithms: ["ES256", "HS256"] }, keys)).toEqual(
      invalid(/no key that is trusted/),
    );
  });

  test.each(["", "x", "a.b.c", "eyJhbGciOiJFUzI1NiJ9..", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"])(
    "%j",
    async (token) => {
      expect(await verify(token)).toMatchObject({ kind: "invalid" });
    },
  );

  test("whose content was changed", async () => {
    const [head, , signature] = (await key.sign({ sse: {} })).split(".");
    const [, payload] = (await key.sign()).split(".");
    expect(await verify([head, payload, signature].join("."))).toEqual(invalid(/no key that is trusted/));
  });
});

test("without keys nothing is said about the token", async () => {
  const source: KeySource = { find: async () => undefined };
  expect(await createTokenVerifier(SETTINGS, source, Date.now)(await key.sign())).toEqual({
    kind: "unavailable",
  });
});
