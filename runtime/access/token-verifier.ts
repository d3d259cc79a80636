/** A JSON Web Token -> what it permits, and for how long. Knows nothing of how it came. */
import type { KeyObject } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from "jose";
import { z } from "zod";
import { JwtAlgorithm, type RuntimeConfig } from "#runtime/config.ts";
import type { KeyHint, KeySource } from "./key-set.ts";

/** Patterns of topics, as topic-pattern.ts reads them. */
export interface TopicClaims {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export type TokenVerdict =
  | { readonly kind: "valid"; readonly claims: TopicClaims; readonly expiresInMs: number }
  /** The reason is a sentence for the token's holder. */
  | { readonly kind: "invalid"; readonly reason: string }
  /** The keys cannot be had now. */
  | { readonly kind: "unavailable" };

export type TokenVerifier = (token: string) => Promise<TokenVerdict>;

export type JwtSettings = Pick<
  NonNullable<RuntimeConfig["access"]["jwt"]>,
  "issuer" | "audience" | "algorithms" | "clockToleranceSeconds"
>;

const Patterns = z.array(z.string()).default([]);
const Claims = z.object({
  exp: z.number(),
  sse: z.object({ publish: Patterns, subscribe: Patterns }).prefault({}),
});

/** `now` is in milliseconds since 1970. */
export function createTokenVerifier(
  settings: JwtSettings,
  keys: KeySource,
  now: () => number,
): TokenVerifier {
  const { issuer, audience, algorithms, clockToleranceSeconds } = settings;
  const options = { issuer, audience, algorithms, clockTolerance: clockToleranceSeconds };
  return async (token) => {
    const hint = readHint(token);
    if (hint === undefined || !algorithms.includes(hint.algorithm)) {
      return invalid(`It is not a JSON Web Token signed with ${algorithms.join(", ")}.`);
    }
    const candidates = await keys.find(hint);
    if (candidates === undefined) return { kind: "unavailable" };
    const currentDate = new Date(now());
    const payload = await verifyWithAny(token, candidates, { ...options, currentDate });
    if (typeof payload === "string") return invalid(payload);
    return readClaims(payload, currentDate.getTime() - clockToleranceSeconds * 1_000);
  };
}

function readHint(token: string): KeyHint | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    const algorithm = JwtAlgorithm.safeParse(alg).data;
    return algorithm === undefined ? undefined : { algorithm, id: kid };
  } catch {
    return undefined;
  }
}

/** The payload, or why there is none. */
async function verifyWithAny(
  token: string,
  candidates: readonly KeyObject[],
  options: JWTVerifyOptions,
): Promise<JWTPayload | string> {
  for (const key of candidates) {
    try {
      return (await jwtVerify(token, key, { ...options, requiredClaims: ["exp"] })).payload;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      if (error instanceof errors.JOSEError) return explain(error);
      throw error;
    }
  }
  return "It is signed with no key that is trusted here.";
}

function explain(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "It has expired.";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `Its claim "${error.claim}" is missing or not accepted.`;
  return "It is not a well-formed JSON Web Token.";
}

function readClaims(payload: JWTPayload, earliestMs: number): TokenVerdict {
  const { data } = Claims.safeParse(payload);
  if (data === undefined)
    return invalid('Its claim "sse" is not {publish: [pattern], subscribe: [pattern]}.');
  return { kind: "valid", claims: data.sse, expiresInMs: data.exp * 1_000 - earliestMs };
}

function invalid(reason: string): TokenVerdict {
  return { kind: "invalid", reason };
}
