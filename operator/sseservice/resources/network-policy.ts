/**
 * Who may reach a service's pods: everybody the TLS port, and the management port only the operator and the monitoring.
 * The kubelet's probes need no rule: a node always reaches its own pods. Pure.
 *
 * Egress stays open: where a backplane, a key set or the cluster's DNS is to be found is not known well enough.
 */
import type { KubernetesObject } from "@kubernetes/client-node";
import { MONITORING_NAMESPACE_LABELS, OPERATOR_LABELS, selectorLabels } from "../labels.ts";
import { networkPolicyName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { type Child, childMetadata } from "./metadata.ts";
import { HTTPS_PORT, MANAGEMENT_PORT } from "./pod-layout.ts";

/** Set by Kubernetes itself on every namespace. */
const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** Without the client's own type, which calls `from` by another name. */
export function buildNetworkPolicy(
  service: SseService,
  operatorNamespace: string,
): Child<KubernetesObject> & { spec: object } {
  const { name } = service;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: childMetadata(service, networkPolicyName(name)),
    spec: {
      podSelector: { matchLabels: selectorLabels(name) },
      policyTypes: ["Ingress"],
      ingress: [
        { ports: [{ port: HTTPS_PORT, protocol: "TCP" }] },
        {
          ports: [{ port: MANAGEMENT_PORT, protocol: "TCP" }],
          from: [
            {
              namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: operatorNamespace } },
              podSelector: { matchLabels: OPERATOR_LABELS },
            },
            { namespaceSelector: { matchLabels: MONITORING_NAMESPACE_LABELS } },
          ],
        },
      ],
    },
  };
}
