/** Who may publish. */
import { hash, timingSafeEqual } from "node:crypto";
import type { Problem } from "./problem.ts";

/** undefined: go on. Given the Authorization header. */
export type PublishGuard = (authorization: string | undefined) => Problem | undefined;

export const allowAnyone: PublishGuard = () => undefined;

/** `digests` are SHA-256 of the accepted tokens; asked at each request, because tokens are rotated. */
export function createTokenGuard(digests: () => readonly Buffer[]): PublishGuard {
  return (authorization) => {
    if (authorization === undefined) {
      return unauthorized("token_missing", "Publishing needs a token: send `Authorization: Bearer <token>`.");
    }
    const [, token] = /^Bearer +([^ ]+) *$/i.exec(authorization) ?? [];
    if (token === undefined)
      return unauthorized("token_invalid", "The Authorization header is not `Bearer <token>`.");
    if (isAccepted(digestToken(token), digests())) return undefined;
    return unauthorized("token_invalid", "This token is not one that may publish.");
  };
}

/** Digests are equally long whatever the token is, so a comparison's time tells nothing about it. */
export function digestToken(token: string): Buffer {
  return hash("sha256", token, "buffer");
}

/** Looks at every digest, so that the time does not tell which one matched. */
function isAccepted(digest: Buffer, accepted: readonly Buffer[]): boolean {
  let found = false;
  for (const candidate of accepted) found = timingSafeEqual(digest, candidate) || found;
  return found;
}

function unauthorized(code: "token_missing" | "token_invalid", message: string): Problem {
  const challenge = code === "token_missing" ? "" : ', error="invalid_token"';
  return {
    status: 401,
    code,
    field: "authorization",
    message,
    headers: { "www-authenticate": `Bearer realm="publish"${challenge}` },
  };
}
