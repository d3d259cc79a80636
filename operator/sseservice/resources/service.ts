/** The Service in front of the pods. Pure. */
import type { V1Service } from "@kubernetes/client-node";
import { selectorLabels } from "../labels.ts";
import { serviceName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { type Child, childMetadata } from "./metadata.ts";
import { HTTPS_PORT } from "./pod-layout.ts";

export const HTTPS_PORT_NAME = "https";

/** Leaves `nodePort` out unless the spec asks for one: what the cluster chose then stays for ever. */
export function buildService(service: SseService): Child<V1Service> {
  const {
    type,
    port,
    nodePort,
    annotations,
    loadBalancerClass,
    loadBalancerSourceRanges,
    externalTrafficPolicy,
  } = service.spec.service;
  const metadata = childMetadata(service, serviceName(service.name));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      type,
      ...(loadBalancerClass !== undefined && { loadBalancerClass }),
      ...(loadBalancerSourceRanges !== undefined && { loadBalancerSourceRanges }),
      ...(externalTrafficPolicy !== undefined && { externalTrafficPolicy }),
      selector: selectorLabels(service.name),
      ports: [
        {
          name: HTTPS_PORT_NAME,
          port,
          targetPort: HTTPS_PORT,
          protocol: "TCP",
          appProtocol: "https",
          ...(nodePort !== undefined && { nodePort }),
        },
      ],
    },
  };
}
