/** The pod's own port: health, readiness, metrics and counts. Not reachable through the sidecar. */
import { sendJson } from "./answer.ts";
import type { Handler, Routes } from "./router.ts";
import type { Backplane } from "#runtime/broker/backplane.ts";
import type { Hub } from "#runtime/broker/hub.ts";
import type { Metrics } from "./metrics.ts";

export interface ManagementOptions {
  readonly pod: string;
  readonly hub: Hub;
  readonly backplane: Backplane;
  readonly metrics: Metrics;
}

/**
 * `/readyz` turns 200 when the history has been read, and stays so until the process ends: open streams outlive a lost
 * backplane and a drain, and an endpoint that flaps would cut them.
 */
export function managementRoutes({ pod, hub, backplane, metrics }: ManagementOptions): Routes {
  return {
    "/healthz": readOnly((_request, response) => sendJson(response, 200, { status: "ok" })),
    "/readyz": readOnly((_request, response) =>
      hub.isReady
        ? sendJson(response, 200, { status: "ready" })
        : sendJson(response, 503, { status: "starting" }),
    ),
    "/stats": readOnly((_request, response) =>
      sendJson(response, 200, { pod, ...hub.stats(), backplane: backplane.health() }),
    ),
    "/metrics": readOnly(async (_request, response) => {
      const text = await metrics.render();
      response.writeHead(200, { "content-type": metrics.contentType }).end(text);
    }),
  };
}

function readOnly(handler: Handler): Routes[string] {
  return { GET: handler, HEAD: handler };
}
