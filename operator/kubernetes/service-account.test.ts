import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadServiceAccount } from "./service-account.ts";

const environment = { KUBERNETES_SERVICE_HOST: "192.0.2.1", KUBERNETES_SERVICE_PORT: "6443" };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "service-account-"));
  await writeFile(join(folder, "token"), "first\n");
  await writeFile(join(folder, "ca.crt"), "the authority");
});
afterEach(() => rm(folder, { recursive: true }));

async function ask(account: ReturnType<typeof loadServiceAccount>): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await account.applyToHTTPSOptions(options);
  return options;
}

test("the pod's environment tells where, and its files as whom", async () => {
  const account = loadServiceAccount({ environment, folder });
  expect(account.getCurrentCluster()).toEqual({ server: "https://192.0.2.1:6443" });
  const { ca, headers } = await ask(account);
  expect(String(ca)).toBe("the authority");
  expect(headers).toEqual({ authorization: "Bearer first" });
});

test("an IPv6 address is written as one", () => {
  const account = loadServiceAccount({ environment: { KUBERNETES_SERVICE_HOST: "2001:db8::1" }, folder });
  expect(account.getCurrentCluster()).toEqual({ server: "https://[2001:db8::1]:443" });
});

test("a rotated token is used within a minute", async () => {
  let nowMs = 0;
  const account = loadServiceAccount({ environment, folder, now: () => nowMs });
  await ask(account);
  await writeFile(join(folder, "token"), "second\n");
  nowMs = 59_999;
  expect((await ask(account)).headers).toEqual({ authorization: "Bearer first" });
  nowMs = 60_000;
  expect((await ask(account)).headers).toEqual({ authorization: "Bearer second" });
});

test("outside a pod it says what is missing", async () => {
  expect(() => loadServiceAccount({ environment: {}, folder })).toThrow("KUBECONFIG names no file");
  await rm(join(folder, "ca.crt"));
  await expect(ask(loadServiceAccount({ environment, folder }))).rejects.toThrow("ca.crt");
});
