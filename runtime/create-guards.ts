/** The guards of both directions as the configuration asks for them, with the files and keys that they need. */
import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { openKeyDirectory } from "./access/key-directory.ts";
import { fetchJwks } from "./access/fetch-jwks.ts";
import { RemoteKeys } from "./access/remote-keys.ts";
import { createTokenVerifier } from "./access/token-verifier.ts";
import { admitAnyone, allowAnyone, createTokenGuard } from "./http/auth.ts";
import { createJwtPublishGuard, createJwtSubscribeGuard } from "./http/jwt-guards.ts";
import { openTokenDirectory } from "./http/token-directory.ts";
import { nodeScheduler } from "./scheduler.ts";
import type { KeySource } from "./access/key-set.ts";
import type { RuntimeConfig } from "./config.ts";
import type { PublishGuard, SubscribeGuard } from "./http/auth.ts";
import type { Cors } from "./http/cors.ts";
import type { JwtGuardOptions } from "./http/jwt-guards.ts";

type Access = RuntimeConfig["access"];

export interface Guards {
  readonly publish: PublishGuard;
  readonly subscribe: SubscribeGuard;
}

export async function createGuards(access: Access, cors: Cors, log: Logger): Promise<Guards> {
  const jwt = await createJwtOptions(access, log);
  return {
    publish: await createPublishGuard(access, jwt, cors, log),
    subscribe: access.subscribe.mode === "Jwt" ? createJwtSubscribeGuard(required(jwt)) : admitAnyone,
  };
}

async function createPublishGuard(
  { publish }: Access,
  jwt: JwtGuardOptions | undefined,
  cors: Cors,
  log: Logger,
): Promise<PublishGuard> {
  if (publish.mode === "Anyone") return allowAnyone;
  if (publish.mode === "Token") return openTokenGuard(publish.tokenDirectory, log);
  return createJwtPublishGuard(required(jwt), cors.isTrustedOrigin);
}

/** The configuration's schema sees to it; but never may an absence of keys open a door. */
function required(jwt: JwtGuardOptions | undefined): JwtGuardOptions {
  if (jwt === undefined) throw new Error("Cannot verify tokens: access.jwt is missing.");
  return jwt;
}

async function openTokenGuard(path: string, log: Logger): Promise<PublishGuard> {
  const tokens = await openTokenDirectory(path, (error) =>
    log.error({ err: error, path }, "cannot read the tokens"),
  );
  if (tokens.digests().length === 0) log.warn({ path }, "there is no token, so nobody can publish yet");
  return createTokenGuard(tokens.digests);
}

async function createJwtOptions({ jwt }: Access, log: Logger): Promise<JwtGuardOptions | undefined> {
  if (jwt === undefined) return undefined;
  const keys = await openKeySource(jwt, (error) => log.error({ err: error }, "cannot read the tokens' keys"));
  return { verify: createTokenVerifier(jwt, keys, Date.now), cookieName: jwt.cookie };
}

async function openKeySource(
  { keyDirectory, jwksUrl = "", jwksCaFile, algorithms }: NonNullable<Access["jwt"]>,
  onError: (error: unknown) => void,
): Promise<KeySource> {
  if (keyDirectory !== undefined) {
    const allowsSecrets = algorithms.some((name) => name.startsWith("HS"));
    return openKeyDirectory(keyDirectory, allowsSecrets, onError);
  }
  const fetchKeys = async () =>
    fetchJwks(jwksUrl, jwksCaFile === undefined ? undefined : await readFile(jwksCaFile, "utf8"));
  return new RemoteKeys({ fetchKeys, now: () => nodeScheduler.now(), onError });
}
