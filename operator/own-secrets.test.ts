import { expect, test, vi } from "vitest";
import type { Cluster, KubernetesObject } from "#operator/engine/cluster.ts";
import { createOwnSecrets } from "./own-secrets.ts";

const REF = { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "demo-tls" };

function secret(resourceVersion: string, uid = "uid-1"): KubernetesObject {
  const metadata = { name: REF.name, namespace: REF.namespace, uid, resourceVersion };
  return { apiVersion: "v1", kind: "Secret", metadata };
}

/** The API server holds `stored`, the watch shows `seen`. */
function createRig() {
  const world: { stored?: KubernetesObject | undefined; seen?: KubernetesObject | undefined } = {};
  const get = vi.fn<Cluster["get"]>(async () => world.stored);
  const secrets = createOwnSecrets({ cluster: { get }, seen: () => world.seen });
  return { world, secrets, read: () => secrets.get(REF), reads: () => get.mock.calls.length };
}

test("a version is read once", async () => {
  const { world, read, reads } = createRig();
  world.stored = world.seen = secret("1");
  expect(await read()).toEqual(world.stored);
  expect(await read()).toEqual(world.stored);
  expect(reads()).toBe(1);
});

test("who owns which of its fields is not kept", async () => {
  const { world, read } = createRig();
  const stored = secret("1");
  world.stored = { ...stored, metadata: { ...stored.metadata, managedFields: [{ manager: "kubectl" }] } };
  expect(await read()).toEqual(stored);
});

test.each([
  ["another version", secret("2")],
  ["another object of the same name", secret("1", "uid-2")],
])("%s is read anew", async (_, next) => {
  const { world, read } = createRig();
  world.stored = world.seen = secret("1");
  await read();
  world.stored = world.seen = next;
  expect(await read()).toEqual(next);
});

test("what was applied need not be read, though the watch lags behind", async () => {
  const { world, secrets, read, reads } = createRig();
  const applied = secret("10");
  secrets.remember([applied]);
  expect(await read()).toEqual(applied);
  world.seen = secret("9");
  expect(await read()).toEqual(applied);
  world.seen = applied;
  expect(await read()).toEqual(applied);
  expect(reads()).toBe(0);
});

test("a free name is asked for once, until the watch shows somebody there", async () => {
  const { world, read, reads } = createRig();
  expect(await read()).toBeUndefined();
  expect(await read()).toBeUndefined();
  expect(reads()).toBe(1);
  world.stored = world.seen = secret("1");
  expect(await read()).toEqual(world.stored);
});

test("what was deleted is read anew", async () => {
  const { world, secrets, read } = createRig();
  world.stored = world.seen = secret("1");
  await read();
  world.stored = world.seen = undefined;
  secrets.forget(REF);
  expect(await read()).toBeUndefined();
});
