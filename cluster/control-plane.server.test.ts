import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ControlPlane } from "./control-plane.ts";
import { startControlPlane } from "./start-control-plane.ts";

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ name: "test" });
}, 1_200_000);

afterAll(() => plane?.stop());

const configMap = (name: string): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: default}, data: {a: b}}`;

async function auditLines(): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(plane.auditLogPath, "utf8")).trim().split("\n");
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

test("every write is in the audit log when its answer has come, Secrets without their content", async () => {
  await plane.apply(configMap("audited"));
  await plane.kubectl("create", "secret", "generic", "hidden", "--from-literal=password=hunter2");
  const lines = await auditLines();
  const named = (name: string): Record<string, unknown> | undefined =>
    lines.find((line) => JSON.stringify(line["objectRef"] ?? {}).includes(`"name":"${name}"`));
  expect(named("audited")).toMatchObject({ verb: "patch", responseObject: { data: { a: "b" } } });
  expect(named("hidden")).toMatchObject({ verb: "create" });
  expect(JSON.stringify(lines)).not.toContain(Buffer.from("hunter2").toString("base64"));
});

test("a kubeconfig for any user carries the user's name and groups, and no right of its own", async () => {
  const path = await plane.kubeconfig("eve", ["readers", "writers"]);
  const who = await plane.kubectl("auth", "whoami", "-o", "json", "--kubeconfig", path);
  expect(JSON.parse(who)).toMatchObject({
    status: { userInfo: { username: "eve", groups: expect.arrayContaining(["readers", "writers"]) } },
  });
  await expect(plane.kubectl("get", "secrets", "--kubeconfig", path)).rejects.toThrow(
    /cannot list resource "secrets"/,
  );
});

test("data outlives a restart and a kill of the API server", async () => {
  await plane.apply(configMap("kept"));
  await plane.restart();
  expect(await plane.kubectl("get", "configmap", "kept", "-o", "name")).toBe("configmap/kept\n");
  await plane.kill();
  await expect(plane.kubectl("get", "configmap", "kept")).rejects.toThrow(/refused/);
  await plane.start();
  expect(await plane.kubectl("get", "configmap", "kept", "-o", "name")).toBe("configmap/kept\n");
});

test("a paused API server answers nobody until it is resumed", async () => {
  await plane.pause();
  await expect(plane.kubectl("get", "namespaces", "--request-timeout=1s")).rejects.toThrow(
    /cannot|timeout|deadline|canceled/i,
  );
  await plane.resume();
  expect(await plane.kubectl("get", "namespaces", "-o", "name")).toContain("namespace/default");
});

test("kubectl's own words reach the caller when it fails", async () => {
  await expect(plane.kubectl("get", "pod", "absent")).rejects.toThrow(/pods "absent" not found/);
});
