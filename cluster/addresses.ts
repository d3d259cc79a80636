/**
 * Which addresses a cluster has: each cluster one private /16 of its own, so that one route on the host covers all
 * of it and several clusters stand side by side. Pure.
 */

export interface NodePlan {
  readonly name: string;
  readonly address: string;
  readonly podCidr: string;
}

export interface AddressPlan {
  /** Everything of this cluster. */
  readonly range: string;
  readonly hostAddress: string;
  readonly controlPlaneAddress: string;
  readonly serviceCidr: string;
  /** The Service `kubernetes`: always the first address of the range. */
  readonly apiServiceAddress: string;
  readonly dnsAddress: string;
  readonly podCidr: string;
  readonly nodes: readonly NodePlan[];
}

/** 10.64.0.0/16 to 10.127.0.0/16: seldom used by home and office networks, container engines and other rigs. */
const firstSecondByte = 64;
export const maxClusters = 64;
export const maxNodes = 100;

export function planAddresses(index: number, nodeCount: number): AddressPlan {
  if (!Number.isInteger(index) || index < 0 || index >= maxClusters) {
    throw new RangeError(
      `Cannot plan addresses of cluster number ${index}: the numbers are 0 to ${maxClusters - 1}`,
    );
  }
  if (!Number.isInteger(nodeCount) || nodeCount < 1 || nodeCount > maxNodes) {
    throw new RangeError(`Cannot plan addresses of ${nodeCount} nodes: a cluster has 1 to ${maxNodes}`);
  }
  const prefix = `10.${firstSecondByte + index}`;
  const nodes = Array.from({ length: nodeCount }, (_, offset) => ({
    name: `node${offset + 1}`,
    address: `${prefix}.0.${offset + 11}`,
    podCidr: `${prefix}.${offset + 129}.0/24`,
  }));
  return {
    range: `${prefix}.0.0/16`,
    hostAddress: `${prefix}.0.1`,
    controlPlaneAddress: `${prefix}.0.2`,
    serviceCidr: `${prefix}.16.0/20`,
    apiServiceAddress: `${prefix}.16.1`,
    dnsAddress: `${prefix}.16.10`,
    podCidr: `${prefix}.128.0/17`,
    nodes,
  };
}

/** The first cluster number whose addresses nothing else uses, neither a cluster of ours nor a network of the host. */
export function freeIndex(
  usedIndexes: readonly number[],
  hostNetworks: readonly string[],
): number | undefined {
  return Array.from({ length: maxClusters }, (_, index) => index).find(
    (index) =>
      !usedIndexes.includes(index) &&
      !hostNetworks.some((network) => overlap(network, planAddresses(index, 1).range)),
  );
}

/** Whether two IPv4 networks (address, or address/length) share an address. */
export function overlap(first: string, second: string): boolean {
  const [a, b] = [parseNetwork(first), parseNetwork(second)];
  if (a === undefined || b === undefined) return false;
  const length = Math.min(a.length, b.length);
  // A shift by 32 bits is none in JavaScript.
  const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
  return (a.address & mask) >>> 0 === (b.address & mask) >>> 0;
}

function parseNetwork(text: string): { readonly address: number; readonly length: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [bytes, length] = [match.slice(1, 5).map(Number), Number(match[5] ?? 32)];
  if (bytes.some((byte) => byte > 255) || length > 32) return undefined;
  return { address: bytes.reduce((sum, byte) => sum * 256 + byte, 0), length };
}
