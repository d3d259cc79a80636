/** The managed server's password, its configuration, and the URL that the runtime reads. Pure. */
import type { V1Secret } from "@kubernetes/client-node";
import type { Backplane, SecretKey } from "../../backplane.ts";
import { backplaneName } from "../../names.ts";
import type { SseService } from "../../spec.ts";
import { type Child, childMetadata } from "../metadata.ts";
import { base64 } from "../secrets.ts";
import { buildServerConf, serverUrl } from "./server.ts";

export const PASSWORD_KEY = "password";
export const URL_KEY = "url";
export const SERVER_CONF_KEY = "valkey.conf";

/** Where the runtime finds the URL of the server that the pods share; undefined when they share none. */
export function backplaneUrlSecret(name: string, backplane: Backplane): SecretKey | undefined {
  switch (backplane.kind) {
    case "Memory":
      return undefined;
    case "Managed":
      return { name: backplaneName(name), key: URL_KEY };
    case "Redis":
      return backplane.url;
  }
}

export function buildBackplaneSecret(service: SseService, password: string): Child<V1Secret> {
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: childMetadata(service, backplaneName(service.name)),
    data: {
      [PASSWORD_KEY]: base64(password),
      [URL_KEY]: base64(serverUrl(service, password)),
      [SERVER_CONF_KEY]: base64(buildServerConf(service, password)),
    },
  };
}
