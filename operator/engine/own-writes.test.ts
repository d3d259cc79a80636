import { beforeEach, expect, test } from "vitest";
import type { KubernetesObject } from "./object.ts";
import { createOwnWrites, type OwnWrites } from "./own-writes.ts";

const OWNER = { uid: "u" };
let nowMs: number;
let writes: OwnWrites;

beforeEach(() => {
  nowMs = 0;
  writes = createOwnWrites({ now: () => nowMs });
});

function object(name: string, resourceVersion: string, uid = OWNER.uid): KubernetesObject {
  const owner = { apiVersion: "v1", kind: "Owner", name: "o", uid, controller: true };
  const metadata = { name, namespace: "shop", resourceVersion, ownerReferences: [owner] };
  return { apiVersion: "v1", kind: "ConfigMap", metadata };
}

test("what we wrote counts until a watch shows it, or something newer", () => {
  const written = object("a", "10");
  writes.remember(written);
  expect(writes.newest(object("a", "9"))).toBe(written);
  const shown = object("a", "11");
  expect(writes.newest(shown)).toBe(shown);
  const older = object("a", "9");
  expect(writes.newest(older)).toBe(older);
});

test("what we made is among the children before a watch shows it, each once, and of its owner only", () => {
  const [made, strange] = [object("made", "5"), object("strange", "6", "other")];
  writes.remember(made);
  writes.remember(strange);
  const seen = object("seen", "1");
  expect(writes.newestChildren([seen], OWNER)).toEqual([seen, made]);
  expect(writes.newestChildren([seen, object("made", "4")], OWNER)).toEqual([seen, made]);
});

test("what was deleted, or never shown, is not there", () => {
  writes.remember(object("deleted", "5"));
  writes.forget({ apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "deleted" });
  writes.remember(object("never", "6"));
  expect(writes.newestChildren([], OWNER)).toHaveLength(1);
  nowMs = 10_000;
  expect(writes.newestChildren([], OWNER)).toEqual([]);
});
