/** The spec -> runtime.json, through the contract that the runtime parses it with. Pure. */
import type { RuntimeConfigInput } from "#runtime/config.ts";
import { historyMaxBytes, type SseService } from "../spec.ts";
import {
  BACKPLANE_DIRECTORY,
  BACKPLANE_URL_FILE,
  HTTPS_PORT,
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
    access: {
      publish:
        spec.access.publish === "Token"
          ? { mode: "Token", tokenDirectory: TOKEN_DIRECTORY }
          : { mode: "Anyone" },
    },
    drain: { timeoutSeconds: spec.drain.timeoutSeconds, proxyPort: HTTPS_PORT },
    page: spec.page,
  };
}

function buildBackplaneConfig({ name, namespace, backplane }: SseService): RuntimeConfigInput["backplane"] {
  if (backplane.kind === "Memory") return { type: "Memory" };
  return {
    type: "Redis",
    mode: backplane.kind === "Redis" ? backplane.mode : "Streams",
    urlFile: `${BACKPLANE_DIRECTORY}/${BACKPLANE_URL_FILE}`,
    // Services may share one server.
    service: `${namespace}/${name}`,
  };
}
