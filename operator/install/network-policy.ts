/** Whom the operator's pods may talk to, and who to them: the monitoring. The kubelet's probes need no rule. Pure. */
import type { KubernetesObject } from "@kubernetes/client-node";
import { HTTPS_PORT, MANAGEMENT_PORT } from "#operator/sseservice/resources/pod-layout.ts";
import { MANAGED_BY, MONITORING_NAMESPACE_LABELS } from "#operator/sseservice/labels.ts";
import { HEALTH_PORT, LABELS, NAME, SELECTOR } from "./identity.ts";
import type { InstallOptions } from "./options.ts";

/**
 * Where API servers listen behind the `kubernetes` Service, in the distributions that there are. Policies know them by
 * no label, and most are outside the pod network.
 */
export const API_SERVER_PORTS: readonly number[] = [443, 6443, 8443, 16443];

/** Without the client's own type, which calls `from` by another name. */
export function buildNetworkPolicy({ namespace }: InstallOptions): KubernetesObject & { spec: object } {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: NAME, namespace, labels: LABELS },
    spec: {
      podSelector: { matchLabels: SELECTOR },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          ports: [tcp(HEALTH_PORT)],
          from: [{ namespaceSelector: { matchLabels: MONITORING_NAMESPACE_LABELS } }],
        },
      ],
      egress: [
        { ports: API_SERVER_PORTS.map(tcp) },
        {
          to: [{ namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
          ports: [{ port: 53, protocol: "UDP" }, tcp(53)],
        },
        {
          to: [{ namespaceSelector: {}, podSelector: { matchLabels: MANAGED_BY } }],
          ports: [tcp(MANAGEMENT_PORT), tcp(HTTPS_PORT)],
        },
      ],
    },
  };
}

function tcp(port: number) {
  return { port, protocol: "TCP" };
}
