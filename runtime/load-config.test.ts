import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError, loadConfig } from "./load-config.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "config-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function load(text: string) {
  const path = join(directory, "runtime.json");
  await writeFile(path, text);
  return loadConfig(path);
}

test("without a file everything has a default, on loopback", () => {
  expect(loadConfig(undefined)).toMatchObject({
    listen: { host: "127.0.0.1", port: 8080 },
    management: { host: "127.0.0.1", port: 9090 },
    backplane: { type: "Memory" },
    access: { publish: { mode: "Anyone" } },
  });
});

test("what a file says is taken, the rest has its default", async () => {
  const config = await load('{"stream":{"heartbeatSeconds":5}}');
  expect(config.stream).toMatchObject({ heartbeatSeconds: 5, retryMilliseconds: 2_000 });
});

test("all that is wrong is one message that names the file and each field", async () => {
  const loading = load('{"stream":{"heartbeatSeconds":0},"limits":{"maxEventBytes":"x"},"typo":1}');
  await expect(loading).rejects.toThrow(ConfigError);
  await expect(loading).rejects.toThrow(/runtime\.json/);
  await expect(loading).rejects.toThrow(/heartbeatSeconds/);
  await expect(loading).rejects.toThrow(/maxEventBytes/);
  await expect(loading).rejects.toThrow(/typo/);
});

test("a file that is not there or not JSON is said so", async () => {
  expect(() => loadConfig(join(directory, "none.json"))).toThrow(/Cannot read the configuration .*ENOENT/);
  await expect(load("{")).rejects.toThrow(/Cannot read the configuration .*JSON/);
});

test("a Redis is named by a file with its URL, or by a URL without a password", async () => {
  const loadRedis = (fields: object) => load(JSON.stringify({ backplane: { type: "Redis", ...fields } }));
  expect((await loadRedis({ urlFile: "/url" })).backplane).toEqual({
    type: "Redis",
    mode: "Streams",
    urlFile: "/url",
    prefix: "sse:",
    service: "default",
    minReplicas: 0,
  });
  await expect(loadRedis({})).rejects.toThrow(/exactly one of url and urlFile/);
  await expect(loadRedis({ url: "redis://a", urlFile: "/url" })).rejects.toThrow(
    /exactly one of url and urlFile/,
  );
  await expect(loadRedis({ url: "redis://:secret@a" })).rejects.toThrow(/a password belongs into the file/);
});
