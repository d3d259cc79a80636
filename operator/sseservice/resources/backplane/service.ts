/** The managed server's stable address. Pure. */
import type { V1Service } from "@kubernetes/client-node";
import { backplaneSelectorLabels } from "../../labels.ts";
import { backplaneName } from "../../names.ts";
import type { SseService } from "../../spec.ts";
import { type Child, childMetadata } from "../metadata.ts";
import { SERVER_PORT } from "./server.ts";

export function buildBackplaneService(service: SseService): Child<V1Service> {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: childMetadata(service, backplaneName(service.name)),
    spec: {
      type: "ClusterIP",
      selector: backplaneSelectorLabels(service.name),
      ports: [{ name: "redis", port: SERVER_PORT, targetPort: SERVER_PORT, protocol: "TCP" }],
    },
  };
}
