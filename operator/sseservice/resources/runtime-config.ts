/** The spec -> runtime.json, through the contract that the runtime parses it with. Pure. */
import type { RuntimeConfigInput } from "#runtime/config.ts";
import { historyMaxBytes, type SseService } from "../spec.ts";
import { HTTPS_PORT, MANAGEMENT_PORT, SOCKET_PATH, TOKEN_DIRECTORY } from "./pod-layout.ts";

export function buildRuntimeConfig({ spec }: SseService): RuntimeConfigInput {
  return {
    listen: { socketPath: SOCKET_PATH },
    management: { host: "0.0.0.0", port: MANAGEMENT_PORT },
    backplane: { type: "Memory" },
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
