/** Keeps everybody but this service's own pods away from the managed server. Pure. */
import type { KubernetesObject } from "@kubernetes/client-node";
import { backplaneSelectorLabels, selectorLabels } from "../../labels.ts";
import { backplaneName } from "../../names.ts";
import type { SseService } from "../../spec.ts";
import { type Child, childMetadata } from "../metadata.ts";
import { SERVER_PORT } from "./server.ts";

/** Without the client's own type, which calls `from` by another name. */
export function buildBackplaneNetworkPolicy(service: SseService): Child<KubernetesObject> & { spec: object } {
  const { name } = service;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: childMetadata(service, backplaneName(name)),
    spec: {
      podSelector: { matchLabels: backplaneSelectorLabels(name) },
      // Without any rule for egress none is allowed; an empty list of them would be a change at each apply.
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: selectorLabels(name) } }],
          ports: [{ port: SERVER_PORT, protocol: "TCP" }],
        },
      ],
    },
  };
}
