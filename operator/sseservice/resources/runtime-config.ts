/** The spec -> runtime.json, through the contract that the runtime parses it with. Pure. */
import type { RuntimeConfigInput } from "#runtime/config.ts";
import { type Access, jwtInUse } from "../access.ts";
import type { RedisBackplane } from "../backplane.ts";
import { historyMaxBytes, type SseService } from "../spec.ts";
import {
  BACKPLANE_CA_DIRECTORY,
  BACKPLANE_DIRECTORY,
  BACKPLANE_URL_FILE,
  CA_FILE,
  CERTIFICATE_DIRECTORY,
  CERTIFICATE_FILE,
  HTTPS_PORT,
  JWKS_CA_DIRECTORY,
  JWT_KEY_DIRECTORY,
  MANAGEMENT_PORT,
  SOCKET_PATH,
  TOKEN_DIRECTORY,
} from "./pod-layout.ts";

export function buildRuntimeConfig(service: SseService): RuntimeConfigInput {
  const { spec } = service;
  return {
    listen: { socketPath: SOCKET_PATH },
    management: { host: "0.0.0.0", port: MANAGEMENT_PORT },
    backplane: buildBackplaneConfig(service),
    history: { ...spec.history, maxBytes: historyMaxBytes(spec) },
    stream: spec.stream,
    limits: spec.limits,
    access: buildAccessConfig(spec.access),
    drain: { timeoutSeconds: spec.drain.timeoutSeconds, proxyPort: HTTPS_PORT },
    page: spec.page,
    certificateFile: `${CERTIFICATE_DIRECTORY}/${CERTIFICATE_FILE}`,
  };
}

function buildAccessConfig(access: Access): RuntimeConfigInput["access"] {
  const { publish, subscribe, corsOrigins } = access;
  const jwt = jwtInUse(access);
  return {
    publish: publish === "Token" ? { mode: publish, tokenDirectory: TOKEN_DIRECTORY } : { mode: publish },
    subscribe: { mode: subscribe },
    ...(jwt && { jwt: buildJwtConfig(jwt) }),
    corsOrigins,
  };
}

function buildJwtConfig({ keysSecretRef, jwksCa, ...jwt }: NonNullable<Access["jwt"]>) {
  return {
    ...jwt,
    ...(keysSecretRef && { keyDirectory: JWT_KEY_DIRECTORY }),
    ...(jwksCa && { jwksCaFile: `${JWKS_CA_DIRECTORY}/${CA_FILE}` }),
  };
}

function buildBackplaneConfig({ name, namespace, backplane }: SseService): RuntimeConfigInput["backplane"] {
  if (backplane.kind === "Memory") return { type: "Memory" };
  return {
    type: "Redis",
    mode: "Streams",
    urlFile: `${BACKPLANE_DIRECTORY}/${BACKPLANE_URL_FILE}`,
    // Services may share one server.
    service: `${namespace}/${name}`,
    ...(backplane.kind === "Redis" && buildRedisConfig(backplane)),
  };
}

function buildRedisConfig({ mode, ca, minReplicas }: RedisBackplane) {
  return {
    mode,
    ...(ca && { caFile: `${BACKPLANE_CA_DIRECTORY}/${CA_FILE}` }),
    ...(minReplicas > 0 && { minReplicas }),
  };
}
