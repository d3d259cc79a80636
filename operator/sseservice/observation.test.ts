import { describe, expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import { certificateNames, serviceUrl, toNodeFacts } from "./observation.ts";

const node = (name: string, ready: boolean, ...addresses: string[]) => ({ name, ready, addresses });

describe("toNodeFacts", () => {
  test("puts external addresses first, and leaves names out", () => {
    const facts = toNodeFacts({
      metadata: { name: "n" },
      status: {
        addresses: [
          { type: "Hostname", address: "n" },
          { type: "InternalIP", address: "192.0.2.1" },
          { type: "ExternalIP", address: "198.51.100.1" },
        ],
        conditions: [{ type: "Ready", status: "Unknown" }],
      },
    });
    expect(facts).toEqual({ name: "n", ready: false, addresses: ["198.51.100.1", "192.0.2.1"] });
  });
});

describe("certificateNames", () => {
  test("holds every name and address that a client may use, each once and in a stable order", () => {
    const spec = {
      tls: { selfSigned: { dnsNames: ["events.example.com", "localhost"], ipAddresses: ["192.0.2.9"] } },
    };
    const nodes = [node("b", true, "192.0.2.2"), node("a", false, "192.0.2.1")];
    const ingress = [{ hostname: "lb.example.com" }, { ip: "203.0.113.1" }];
    expect(certificateNames(service(spec), nodes, { status: { loadBalancer: { ingress } } })).toEqual({
      dnsNames: [
        "demo",
        "demo.shop",
        "demo.shop.svc",
        "demo.shop.svc.cluster.local",
        "localhost",
        "lb.example.com",
        "events.example.com",
      ],
      ipAddresses: ["127.0.0.1", "::1", "192.0.2.1", "192.0.2.2", "203.0.113.1", "192.0.2.9"],
    });
  });

  test("leaves the nodes out of a ClusterIP service's certificate", () => {
    const { ipAddresses } = certificateNames(
      service({ service: { type: "ClusterIP" } }),
      [node("a", true, "192.0.2.1")],
      undefined,
    );
    expect(ipAddresses).toEqual(["127.0.0.1", "::1"]);
  });
});

describe("serviceUrl", () => {
  const ports = [{ name: "https", port: 443, nodePort: 30_007 }];
  const of = (type: string, status = {}) => ({
    metadata: { name: "demo", namespace: "shop" },
    spec: { type, ports },
    status,
  });

  test.each([
    [
      "a ready node's address",
      of("NodePort"),
      [node("a", false, "192.0.2.1"), node("b", true, "192.0.2.2")],
      "https://192.0.2.2:30007",
    ],
    ["brackets around IPv6", of("NodePort"), [node("a", true, "2001:db8::1")], "https://[2001:db8::1]:30007"],
    ["nothing without a ready node", of("NodePort"), [node("a", false, "192.0.2.1")], undefined],
    [
      "the load balancer's name",
      of("LoadBalancer", { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } }),
      [],
      "https://lb.example.com",
    ],
    ["nothing before the load balancer answers", of("LoadBalancer"), [], undefined],
    ["the name inside the cluster", of("ClusterIP"), [], "https://demo.shop.svc"],
    ["nothing without a Service", undefined, [], undefined],
  ])("is %s", (_, observed, nodes, url) => {
    expect(serviceUrl(observed, nodes)).toBe(url);
  });
});
