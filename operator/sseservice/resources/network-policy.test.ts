import type { V1Deployment } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { RELEASE } from "#operator/install/release.ts";
import { service } from "#operator/test/fixtures.ts";
import { buildNetworkPolicy } from "./network-policy.ts";

interface Peer {
  readonly namespaceSelector?: { readonly matchLabels: Record<string, string> };
  readonly podSelector?: { readonly matchLabels: Record<string, string> };
}

interface Policy {
  readonly podSelector: { readonly matchLabels: Record<string, string> };
  readonly policyTypes: string[];
  readonly ingress: { readonly from?: Peer[]; readonly ports: { readonly port: number }[] }[];
}

const policy = buildNetworkPolicy(service(), "operators").spec as Policy;
const rulesFor = (port: number) =>
  policy.ingress.filter(({ ports }) => ports.some((allowed) => allowed.port === port));

describe("the NetworkPolicy of a service", () => {
  test("is about the pods that serve its streams, and leaves their way out open", () => {
    expect(policy.podSelector.matchLabels).toEqual({
      "app.kubernetes.io/name": "sseservice",
      "app.kubernetes.io/instance": "demo",
    });
    expect(policy.policyTypes).toEqual(["Ingress"]);
  });

  test("opens the TLS port to everybody, and no other", () => {
    expect(policy.ingress.filter(({ from }) => from === undefined)).toEqual([
      { ports: [{ port: 8443, protocol: "TCP" }] },
    ]);
  });

  test("keeps the management port for the operator's pods and the monitoring's namespaces", () => {
    expect(rulesFor(9090).map(({ from }) => from)).toEqual([
      [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "operators" } },
          podSelector: { matchLabels: { "app.kubernetes.io/name": "sse-operator" } },
        },
        { namespaceSelector: { matchLabels: { "sse-operator.dev/monitoring": "true" } } },
      ],
    ]);
  });

  test("knows the operator's pods by the labels that they are installed with", () => {
    const [deployment] = buildInstallManifests(RELEASE).filter(({ kind }) => kind === "Deployment");
    const template = (deployment as V1Deployment).spec?.template;
    const operator = rulesFor(9090)[0]?.from?.[0]?.podSelector?.matchLabels ?? {};
    expect(template?.metadata?.labels).toMatchObject(operator);
    expect(template?.spec?.containers[0]?.env).toContainEqual({
      name: "POD_NAMESPACE",
      valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } },
    });
  });
});
