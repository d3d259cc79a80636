import { expect, test } from "vitest";
import { installation, service } from "#operator/test/fixtures.ts";
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
