import { describe, expect, test } from "vitest";
import { issueAuthority, issueLeaf } from "#operator/certificates/issue.ts";
import { type Origin, renewMaterial } from "#operator/certificates/material.ts";
import { isObject } from "#operator/is-object.ts";
import { buildChildren } from "#operator/sseservice/build.ts";
import { RENEW_CERTIFICATE_ANNOTATION } from "#operator/sseservice/labels.ts";
import { certificateNames } from "#operator/sseservice/observation.ts";
import type { SseService } from "#operator/sseservice/spec.ts";
import { installation, material, service } from "#operator/test/fixtures.ts";
import { NO_UID, renderChildren, UNKNOWN } from "./render.ts";

/** Every leaf that is marked, as `Kind/path`. */
function unknownLeaves(value: unknown, path: string): string[] {
  if (value === UNKNOWN) return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => unknownLeaves(inner, `${path}/${key}`));
}

async function marked(spec: object, uid: string): Promise<string[]> {
  const children = await renderChildren(service(spec, { uid }), installation);
  return children.flatMap((child) => unknownLeaves(child, "kind" in child ? String(child.kind) : ""));
}

test("all that is unknown beside the uid is in Secrets, or derived from them", async () => {
  const leaves = await marked({ replicas: 2 }, "uid-1");
  expect(leaves.filter((leaf) => !leaf.startsWith("Secret/"))).toEqual([
    "StatefulSet/metadata/annotations/sse-operator.dev/applied-hash",
    "StatefulSet/spec/template/metadata/annotations/sse-operator.dev/config-hash",
  ]);
  expect(leaves).toEqual(
    expect.arrayContaining(["Secret/data/tls.key", "Secret/data/token", "Secret/data/url"]),
  );
});

test("without a uid of the cluster's, every owner reference is marked", async () => {
  const owned = (await renderChildren(service(), installation)).length;
  const leaves = await marked({}, NO_UID);
  expect(leaves.filter((leaf) => leaf.endsWith("/metadata/ownerReferences/0/uid"))).toHaveLength(owned);
});

test("rendering twice gives the same", async () => {
  expect(await renderChildren(service({}, { uid: NO_UID }), installation)).toEqual(
    await renderChildren(service({}, { uid: NO_UID }), installation),
  );
});

describe("a certificate from elsewhere", () => {
  test.each<[string, object, string[]]>([
    ["a Secret of the user's", { secretRef: { name: "mine" } }, []],
    [
      "an issuer, for all the service's names",
      { issuerRef: { name: "own-ca" } },
      [
        "Certificate/metadata/annotations/sse-operator.dev/applied-hash",
        "Certificate/spec/ipAddresses/2", // of the nodes
      ],
    ],
    [
      "an issuer, for names of the user's",
      { issuerRef: { name: "acme", dnsNames: ["events.example.com"] } },
      [],
    ],
  ])("is rendered as a reconcile applies it: %s", async (_, tls, unknown) => {
    const demo = service({ tls }, { annotations: { [RENEW_CERTIFICATE_ANNOTATION]: "1" } });
    const rendered = await renderChildren(demo, installation);
    expect(await childrenOnCluster(demo)).toEqual(rendered.map(asPattern));
    const leaves = await marked({ tls }, "uid-1");
    expect(leaves.filter((leaf) => !leaf.startsWith("Secret/"))).toEqual(unknown);
  });

  /** Where a good certificate was found. */
  async function childrenOnCluster(demo: SseService) {
    const now = new Date();
    const node = { name: "node1", ready: true, addresses: ["192.0.2.1"] };
    const names = certificateNames(demo, [node], undefined);
    const authority = await issueAuthority("my CA", now);
    const pair = await issueLeaf(authority, { commonName: "demo", ...names, validityDays: 1 }, now);
    const issuance = { pending: undefined, renewalTime: undefined, attempt: undefined };
    const origin: Origin = {
      kind: "Provided",
      namespace: "shop",
      secretName: "theirs",
      content: { ...pair, authorities: authority.certificate },
      requiredNames: [],
      issuance: demo.certificate.kind === "Issuer" ? issuance : undefined,
    };
    const renewal = await renewMaterial(demo, material, { names, origin }, now);
    return buildChildren(demo, { material: renewal.material, names, installation, hasPods: false });
  }

  /** What is marked may read anything. */
  function asPattern(value: unknown): unknown {
    if (value === UNKNOWN) return expect.anything();
    if (Array.isArray(value)) return value.map(asPattern);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asPattern(inner)]));
  }
});
