/** The keys that tokens are verified with: read from JWKS, PEM or a shared secret, and chosen by a token's header. Pure. */
import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { JwtAlgorithm } from "#runtime/config.ts";
import type { MountedFile } from "./mounted-directory.ts";

export interface VerificationKey {
  readonly key: KeyObject;
  /** Its `kid`; a token that names another one is not verified with it. */
  readonly id: string | undefined;
  /** The only algorithm that it is for, where its owner says so. */
  readonly algorithm: string | undefined;
}

/** What a token's header says of the key that it was signed with. */
export interface KeyHint {
  readonly algorithm: JwtAlgorithm;
  readonly id: string | undefined;
}

/** Finds the keys that a token may have been signed with. */
export interface KeySource {
  /** undefined: they cannot be had now, which says nothing about the token. Never rejects. */
  find(hint: KeyHint): Promise<readonly KeyObject[] | undefined>;
}

/** A token without a `kid` is tried with each of them. */
const MAX_KEYS = 64;
/** RFC 7518, section 3.2: a key as long as the hash. */
const MIN_SECRET_BYTES = 32;
/** RFC 7518, section 3.3. */
const MIN_RSA_BITS = 2_048;

const CURVES: Readonly<Record<string, string>> = {
  ES256: "prime256v1",
  ES384: "secp384r1",
  ES512: "secp521r1",
};

const text = z.string().exactOptional();
/** The public members only: private parts that stand there by mistake are not taken in. */
const Jwk = z.object({
  kty: z.string(),
  kid: text,
  alg: text,
  use: text,
  crv: text,
  x: text,
  y: text,
  n: text,
  e: text,
});
const Jwks = z.object({ keys: z.array(Jwk).max(MAX_KEYS) });

/** Keys of other kinds and for other uses are left out, as a JWKS may hold keys for others. Throws if it is none. */
export function parseJwks(jwks: unknown): VerificationKey[] {
  return Jwks.parse(jwks)
    .keys.filter(({ use = "sig" }) => use === "sig")
    .flatMap((jwk) => {
      const key = publicKeyOf(jwk);
      return key === undefined ? [] : [{ key, id: jwk.kid, algorithm: jwk.alg }];
    });
}

/**
 * Each file holds a JWKS, a public key in PEM, or, where HMAC is allowed, a shared secret. Throws on any other; the
 * error never holds what the file does.
 */
export function parseKeyFiles(files: readonly MountedFile[], allowsSecrets: boolean): VerificationKey[] {
  return files.flatMap(({ name, text }) => {
    const keys = parseKeyFile(text.trim(), allowsSecrets);
    if (keys !== undefined) return keys;
    const secret = allowsSecrets ? `, or a secret of at least ${MIN_SECRET_BYTES} bytes` : "";
    throw new Error(`Cannot read the key file "${name}": it must hold a JWKS, a public key in PEM${secret}.`);
  });
}

/** Those that fit the algorithm, and the id where both sides have one. */
export function keysFor(keys: readonly VerificationKey[], hint: KeyHint): KeyObject[] {
  return keys
    .filter(({ id }) => id === undefined || hint.id === undefined || id === hint.id)
    .filter(({ algorithm }) => algorithm === undefined || algorithm === hint.algorithm)
    .map(({ key }) => key)
    .filter((key) => fits(key, hint.algorithm));
}

/** A public key is never used as an HMAC secret, nor a key for another family of algorithms. */
function fits(key: KeyObject, algorithm: JwtAlgorithm): boolean {
  if (algorithm.startsWith("HS")) return key.type === "secret";
  if (algorithm === "EdDSA") return key.asymmetricKeyType === "ed25519";
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (algorithm.startsWith("ES")) return namedCurve === CURVES[algorithm];
  return key.asymmetricKeyType === "rsa" && modulusLength >= MIN_RSA_BITS;
}

function parseKeyFile(text: string, allowsSecrets: boolean): VerificationKey[] | undefined {
  if (text.startsWith("{")) return attempt(() => parseJwks(JSON.parse(text)));
  if (text.startsWith("-----BEGIN")) {
    return attempt(() => [{ key: createPublicKey(text), id: undefined, algorithm: undefined }]);
  }
  const secret = Buffer.from(text);
  if (!allowsSecrets || secret.length < MIN_SECRET_BYTES) return undefined;
  return [{ key: createSecretKey(secret), id: undefined, algorithm: undefined }];
}

/** A symmetric key has no public half, and a curve may be unknown here. */
function publicKeyOf(jwk: z.output<typeof Jwk>): KeyObject | undefined {
  return attempt(() => createPublicKey({ key: jwk, format: "jwk" }));
}

/** What a parser throws may quote its input. */
function attempt<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
