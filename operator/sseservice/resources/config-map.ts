/** The ConfigMap with both containers' configuration, and the hash that rolls the pods when it changes. Pure. */
import { createHash } from "node:crypto";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { configMapName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { type Child, childMetadata } from "./metadata.ts";
import { buildNginxConf } from "./nginx-conf.ts";
import { buildRuntimeConfig } from "./runtime-config.ts";

export const NGINX_CONF_KEY = "nginx.conf";
export const RUNTIME_JSON_KEY = "runtime.json";

export function buildConfigMap(service: SseService): Child<V1ConfigMap> {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: childMetadata(service, configMapName(service.name)),
    data: buildConfigData(service),
  };
}

/** Hexadecimal digest of what the containers read at start. */
export function configHash(service: SseService): string {
  return createHash("sha256")
    .update(JSON.stringify(buildConfigData(service)))
    .digest("hex")
    .slice(0, 16);
}

function buildConfigData(service: SseService): Record<string, string> {
  return {
    [NGINX_CONF_KEY]: buildNginxConf(service),
    [RUNTIME_JSON_KEY]: `${JSON.stringify(buildRuntimeConfig(service), undefined, 2)}\n`,
  };
}
