/** Who may publish and subscribe: the guards' shape, and the ones without JSON Web Tokens. */
import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Problem } from "./problem.ts";

export interface PublishGrant {
  readonly mayPublish: (topic: string) => boolean;
}

/** Asked before the body is read; the grant is asked for each event in it. */
export type PublishGuard = (
  headers: IncomingHttpHeaders,
) => Problem | PublishGrant | Promise<Problem | PublishGrant>;

export type StreamAdmission =
  | { readonly kind: "admitted"; readonly permittedMs: number }
  | { readonly kind: "refused"; readonly problem: Problem }
  /** Whether it may cannot be known now. */
  | { readonly kind: "later"; readonly reason: "keys_unavailable" };

export type SubscribeGuard = (
  request: { readonly url?: string | undefined; readonly headers: IncomingHttpHeaders },
  topics: readonly string[],
) => StreamAdmission | Promise<StreamAdmission>;

const EVERY_TOPIC: PublishGrant = { mayPublish: () => true };
const ADMITTED: StreamAdmission = { kind: "admitted", permittedMs: Number.POSITIVE_INFINITY };

export const allowAnyone: PublishGuard = () => EVERY_TOPIC;
export const admitAnyone: SubscribeGuard = () => ADMITTED;

/** More than any service has tokens. */
const MAX_REMEMBERED = 64;

/** `digests` are SHA-256 of the accepted tokens; asked at each request, because tokens are rotated. */
export function createTokenGuard(digests: () => readonly Buffer[]) {
  /**
   * Of headers that were accepted before: hashing costs more than all else that is done for an event. A Map finds a key
   * by a hash with a secret seed, so how long it takes tells nothing about the keys.
   */
  const remembered = new Map<string, Buffer>();
  return ({ authorization }: IncomingHttpHeaders): Problem | PublishGrant => {
    if (authorization === undefined) return tokenMissing("publish");
    const digest = remembered.get(authorization) ?? digestHeader(authorization);
    if (digest === undefined)
      return tokenInvalid("publish", "The Authorization header is not `Bearer <token>`.");
    if (!isAccepted(digest, digests()))
      return tokenInvalid("publish", "This token is not one that may publish.");
    if (remembered.size === MAX_REMEMBERED) remembered.clear();
    remembered.set(authorization, digest);
    return EVERY_TOPIC;
  };
}

function digestHeader(authorization: string): Buffer | undefined {
  const token = bearerToken(authorization);
  return token === undefined ? undefined : digestToken(token);
}

/** undefined: not of that form. */
export function bearerToken(authorization: string): string | undefined {
  return /^Bearer +([^ ]+) *$/i.exec(authorization)?.[1];
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

export type Realm = "publish" | "subscribe";

const ACTIONS = { publish: "Publishing", subscribe: "Subscribing" } as const;

export function tokenMissing(realm: Realm): Problem {
  const message = `${ACTIONS[realm]} needs a token: send \`Authorization: Bearer <token>\`.`;
  return { ...aboutToken(401, realm, ""), code: "token_missing", field: "authorization", message };
}

export function tokenInvalid(realm: Realm, message: string): Problem {
  const base = aboutToken(401, realm, ', error="invalid_token"');
  return { ...base, code: "token_invalid", field: "authorization", message };
}

/** A good token, but for other topics. */
export function topicForbidden(realm: Realm, topic: string): Problem {
  const message = `This token does not permit ${ACTIONS[realm].toLowerCase()} to ${JSON.stringify(topic)}.`;
  const base = aboutToken(403, realm, ', error="insufficient_scope"');
  return { ...base, code: "topic_forbidden", field: "topic", message };
}

function aboutToken<Status extends 401 | 403>(status: Status, realm: Realm, error: string) {
  return { status, headers: { "www-authenticate": `Bearer realm="${realm}"${error}` } };
}
