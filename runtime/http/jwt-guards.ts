/** Who may publish and subscribe by JSON Web Token: 401 for a token that is none, 403 for one that is for other topics. */
import { matchesAny } from "#runtime/access/topic-pattern.ts";
import type { TokenVerifier } from "#runtime/access/token-verifier.ts";
import {
  tokenInvalid,
  tokenMissing,
  topicForbidden,
  type PublishGuard,
  type SubscribeGuard,
} from "./auth.ts";
import { readCredential } from "./credential.ts";
import type { Problem } from "./problem.ts";
import type { IncomingHttpHeaders } from "node:http";

export interface JwtGuardOptions {
  readonly verify: TokenVerifier;
  /** undefined: cookies are not looked at. */
  readonly cookieName: string | undefined;
}

/** `isTrustedOrigin`: whether a page of this origin may act with its visitor's cookie. */
export function createJwtPublishGuard(
  { verify, cookieName }: JwtGuardOptions,
  isTrustedOrigin: (headers: IncomingHttpHeaders) => boolean,
): PublishGuard {
  return async (headers) => {
    const credential = readCredential(headers, cookieName);
    if (credential === undefined) return tokenMissing("publish");
    if (credential.isFromCookie && !isTrustedOrigin(headers)) return ORIGIN_REFUSED;
    const verdict = await verify(credential.token);
    if (verdict.kind === "unavailable") return KEYS_UNAVAILABLE;
    if (verdict.kind === "invalid") return tokenInvalid("publish", explain(verdict.reason));
    const patterns = verdict.claims.publish;
    return { mayPublish: (topic) => matchesAny(patterns, topic) };
  };
}

/** `?access_token=` is for EventSource, which cannot send a header. */
export function createJwtSubscribeGuard({ verify, cookieName }: JwtGuardOptions): SubscribeGuard {
  return async ({ headers, url }, topics) => {
    const credential = readCredential(headers, cookieName, url);
    if (credential === undefined) return { kind: "refused", problem: tokenMissing("subscribe") };
    const verdict = await verify(credential.token);
    if (verdict.kind === "unavailable") return { kind: "later", reason: "keys_unavailable" };
    if (verdict.kind === "invalid") {
      return { kind: "refused", problem: tokenInvalid("subscribe", explain(verdict.reason)) };
    }
    const forbidden = topics.find((topic) => !matchesAny(verdict.claims.subscribe, topic));
    if (forbidden !== undefined) return { kind: "refused", problem: topicForbidden("subscribe", forbidden) };
    return { kind: "admitted", permittedMs: verdict.expiresInMs };
  };
}

function explain(reason: string): string {
  return `The token is not accepted. ${reason}`;
}

const ORIGIN_REFUSED: Problem = {
  status: 403,
  code: "origin_refused",
  field: "origin",
  message:
    "A cookie publishes from this service's own pages and the origins in corsOrigins only; send the token as `Authorization: Bearer <token>`.",
};

const KEYS_UNAVAILABLE: Problem = {
  status: 503,
  code: "keys_unavailable",
  message: "The keys that tokens are verified with cannot be had now. Nothing was stored; try again.",
  headers: { "retry-after": "5" },
};
