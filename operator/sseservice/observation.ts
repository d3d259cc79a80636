/** What the operator sees of the world around one SseService, cut down to what its decisions need. Pure. */
import type { V1Node, V1Service } from "@kubernetes/client-node";
import { serviceName } from "./names.ts";
import { HTTPS_PORT_NAME } from "./resources/service.ts";
import type { SseService } from "./spec.ts";
import type { CertificateNames } from "./tls.ts";

const NO_NAMES: CertificateNames = { dnsNames: [], ipAddresses: [] };
const LOCAL_NAMES = ["localhost"];
const LOCAL_ADDRESSES = ["127.0.0.1", "::1"];
/** A certificate with the addresses of very many nodes would be too large for a TLS handshake. */
const MAX_NODES_IN_CERTIFICATE = 100;

/** What is needed of a node: can it be reached, and where. */
export interface NodeFacts {
  readonly name: string;
  readonly ready: boolean;
  /** IP addresses, external ones first. */
  readonly addresses: readonly string[];
}

export function toNodeFacts(node: V1Node): NodeFacts {
  const addresses = node.status?.addresses ?? [];
  const ofType = (type: string) =>
    addresses.filter((entry) => entry.type === type).map((entry) => entry.address);
  return {
    name: node.metadata?.name ?? "",
    ready:
      node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false,
    addresses: [...ofType("ExternalIP"), ...ofType("InternalIP")],
  };
}

/** Every name and address that clients may open the service by, as far as can be known. */
export function certificateNames(
  { name, namespace, spec, certificate }: SseService,
  nodes: readonly NodeFacts[],
  observed: V1Service | undefined,
): CertificateNames {
  if (certificate.kind === "Issuer" && certificate.names) return certificate.names;
  const host = serviceName(name);
  const ingress = observed?.status?.loadBalancer?.ingress ?? [];
  const extra = certificate.kind === "SelfSigned" ? certificate.extraNames : NO_NAMES;
  return {
    dnsNames: unique([
      host,
      `${host}.${namespace}`,
      `${host}.${namespace}.svc`,
      `${host}.${namespace}.svc.cluster.local`,
      ...LOCAL_NAMES,
      ...ingress.flatMap(({ hostname }) => hostname ?? []),
      ...extra.dnsNames,
    ]),
    ipAddresses: unique([
      ...LOCAL_ADDRESSES,
      ...(spec.service.type === "ClusterIP" ? [] : nodeAddresses(nodes)),
      ...ingress.flatMap(({ ip }) => ip ?? []),
      ...extra.ipAddresses,
    ]),
  };
}

function nodeAddresses(nodes: readonly NodeFacts[]): string[] {
  return nodes
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .slice(0, MAX_NODES_IN_CERTIFICATE)
    .flatMap(({ addresses }) => addresses);
}

/** Where a user opens the service, or undefined while the cluster has not said so. */
export function serviceUrl(observed: V1Service | undefined, nodes: readonly NodeFacts[]): string | undefined {
  const port = observed?.spec?.ports?.find(({ name }) => name === HTTPS_PORT_NAME);
  if (!observed?.spec || !port) return undefined;
  if (observed.spec.type === "NodePort") {
    return port.nodePort === undefined ? undefined : formatUrl(firstReadyAddress(nodes), port.nodePort);
  }
  if (observed.spec.type === "LoadBalancer") {
    const [ingress] = observed.status?.loadBalancer?.ingress ?? [];
    return formatUrl(ingress?.hostname ?? ingress?.ip, port.port);
  }
  return formatUrl(`${observed.metadata?.name}.${observed.metadata?.namespace}.svc`, port.port);
}

function firstReadyAddress(nodes: readonly NodeFacts[]): string | undefined {
  return nodes
    .filter(({ ready }) => ready)
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap(({ addresses }) => addresses)[0];
}

function formatUrl(host: string | undefined, port: number): string | undefined {
  if (host === undefined) return undefined;
  const authority = host.includes(":") ? `[${host}]` : host;
  return port === 443 ? `https://${authority}` : `https://${authority}:${port}`;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
