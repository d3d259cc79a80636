import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { jwksOf, SigningKey } from "#runtime/test/jwt-issuer.ts";
import { openKeyDirectory } from "./key-directory.ts";
import { keysFor, parseJwks, parseKeyFiles } from "./key-set.ts";

describe("a JWKS", () => {
  test("leaves out what no token is verified with", async () => {
    const jwk = await (await SigningKey.create()).jwk();
    const keys = [jwk, { ...jwk, use: "enc" }, { kty: "oct", k: "c2VjcmV0" }, { kty: "EC", crv: "P-0" }];
    expect(parseJwks({ keys })).toHaveLength(1);
  });

  test.each([null, {}, { keys: "none" }, { keys: Array.from({ length: 65 }, () => ({ kty: "EC" })) }])(
    "is not %j",
    (jwks) => {
      expect(() => parseJwks(jwks)).toThrow(/keys|object/);
    },
  );
});

describe("the choice of keys", () => {
  test("goes by id, by the key's own algorithm and by its kind", async () => {
    const [ec, rsa] = [await SigningKey.create("ec", "ES256"), await SigningKey.create("rsa", "RS256")];
    const keys = parseJwks(JSON.parse(await jwksOf(ec, rsa)));
    const count = (algorithm: "ES256" | "ES384" | "RS256" | "PS256" | "HS256", id?: string) =>
      keysFor(keys, { algorithm, id }).length;
    expect([count("ES256"), count("RS256"), count("ES256", "ec"), count("RS256", "rsa")]).toEqual([
      1, 1, 1, 1,
    ]);
    expect([count("ES256", "rsa"), count("ES384"), count("PS256"), count("HS256")]).toEqual([0, 0, 0, 0]);
  });

  test("takes no short RSA key", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1_024 });
    const text = publicKey.export({ type: "spki", format: "pem" });
    expect(
      keysFor(parseKeyFiles([{ name: "a", text }], false), { algorithm: "RS256", id: undefined }),
    ).toEqual([]);
  });
});

describe("a key file", () => {
  test.each([
    ["a short secret", "short", true],
    ["a secret where HMAC is not allowed", "a secret of thirty-two bytes or so", false],
    ["a broken key", "-----BEGIN PUBLIC KEY-----\nsecret\n-----END PUBLIC KEY-----", true],
    ["broken JSON", '{"secret', true],
    ["nothing", "", true],
  ])("with %s is refused by name, without its content", (_, text, allowsSecrets) => {
    expect(() => parseKeyFiles([{ name: "mine", text }], allowsSecrets)).toThrow(
      /^Cannot read the key file "mine": it must hold (?!.*(short|secret\n|\{))/,
    );
  });
});

test("a directory without keys says nothing about a token; a new file is read", async () => {
  const path = await mkdtemp(join(tmpdir(), "keys-"));
  const key = await SigningKey.create();
  const hint = { algorithm: "ES256", id: undefined } as const;
  const errors: unknown[] = [];
  const open = () => openKeyDirectory(path, false, (error) => errors.push(error));
  expect(await (await open()).find(hint)).toBeUndefined();
  await writeFile(join(path, "key.pem"), await key.pem());
  expect(await (await open()).find(hint)).toHaveLength(1);
  await rm(path, { recursive: true });
  expect(await (await open()).find(hint)).toBeUndefined();
  expect(errors).toHaveLength(1);
});
