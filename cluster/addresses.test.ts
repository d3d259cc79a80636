import { expect, test } from "vitest";
import { freeIndex, maxClusters, maxNodes, overlap, planAddresses } from "./addresses.ts";

test("every address of a cluster is in the cluster's one range, and the parts do not overlap", () => {
  const plan = planAddresses(3, maxNodes);
  const parts = [
    `${plan.range.split("/")[0]}/24`,
    plan.serviceCidr,
    ...plan.nodes.map((node) => node.podCidr),
  ];
  const podRanges = plan.nodes.map((node) => node.podCidr);
  expect(parts.filter((part) => !overlap(part, plan.range))).toEqual([]);
  expect(parts.filter((part) => parts.some((other) => other !== part && overlap(part, other)))).toEqual([]);
  expect(podRanges.filter((range) => !overlap(range, plan.podCidr))).toEqual([]);
  expect(overlap(plan.dnsAddress, plan.serviceCidr)).toBe(true);
  expect(overlap(plan.apiServiceAddress, plan.serviceCidr)).toBe(true);
});

test("nodes, host and control plane have addresses of their own", () => {
  const { hostAddress, controlPlaneAddress, nodes } = planAddresses(0, maxNodes);
  const addresses = [hostAddress, controlPlaneAddress, ...nodes.map((node) => node.address)];
  expect(new Set(addresses).size).toBe(maxNodes + 2);
});

test("two clusters share no address", () => {
  expect(overlap(planAddresses(0, 1).range, planAddresses(1, 1).range)).toBe(false);
  expect(planAddresses(maxClusters - 1, 1).range).toBe("10.127.0.0/16");
});

test.each([
  [-1, 1],
  [maxClusters, 1],
  [0.5, 1],
  [0, 0],
  [0, maxNodes + 1],
])("number %s with %s nodes is refused", (index, nodes) => {
  expect(() => planAddresses(index, nodes)).toThrow(RangeError);
});

test("a number is free when neither a cluster nor a network of the host has its addresses", () => {
  expect(freeIndex([], [])).toBe(0);
  expect(freeIndex([0, 2], [])).toBe(1);
  expect(freeIndex([0], ["10.65.3.0/24", "192.168.0.0/16"])).toBe(2);
  expect(freeIndex([], ["10.0.0.0/8"])).toBeUndefined();
});

test.each([
  ["10.64.0.0/16", "10.64.255.1", true],
  ["10.64.0.0/16", "10.65.0.0/16", false],
  ["0.0.0.0/0", "10.65.0.0/16", true],
  ["255.255.255.255", "255.255.255.255/32", true],
  ["128.0.0.0/1", "127.255.255.255", false],
  ["fd00::/64", "10.64.0.0/16", false],
  ["10.64.0.0/33", "10.64.0.0/16", false],
  ["10.64.0.256", "10.64.0.0/16", false],
])("%s and %s overlap: %s", (first, second, expected) => {
  expect(overlap(first, second)).toBe(expected);
  expect(overlap(second, first)).toBe(expected);
});
