import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cached, cacheKey, cachePath, folderContent } from "./cache.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cache-test-"));
  vi.stubEnv("SSE_OPERATOR_CACHE", folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("a key changes with every ingredient, and with where one ends and the next begins", () => {
  const keys = [["ab", "c"], ["a", "bc"], ["abc"], ["ab", "c", ""], ["c", "ab"]].map(cacheKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(cacheKey(["ab", "c"])).toBe(keys[0]);
});

test("a folder's content tells names from contents, and leaves out what does not count", async () => {
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "b.ts"), "two");
  await writeFile(join(folder, "sub", "a.ts"), "one");
  await writeFile(join(folder, "b.test.ts"), "three");
  const content = await folderContent(folder, (path) => !path.endsWith(".test.ts"));
  expect(content).toEqual(["/b.ts", "two", "/sub/a.ts", "one"]);
});

test("an entry is made once", async () => {
  const make = vi.fn((output: string) => writeFile(join(output, "program"), "x"));
  const path = cachePath("tool", cacheKey(["1"]));
  expect(await cached(path, make)).toBe(path);
  expect(await cached(path, make)).toBe(path);
  expect(make).toHaveBeenCalledOnce();
  expect(await readdir(path)).toEqual(["program"]);
});

test("work that fails half-way leaves nothing that looks finished", async () => {
  const path = cachePath("tool", cacheKey(["1"]));
  const make = async (output: string): Promise<void> => {
    await writeFile(join(output, "half"), "x");
    throw new Error("killed");
  };
  await expect(cached(path, make)).rejects.toThrow("killed");
  expect(await readdir(folder)).toEqual([]);
});

test("what a killed build left is removed by a later one of the same name", async () => {
  const path = cachePath("tool", cacheKey(["1"]));
  await mkdir(`${path}.unfinished-abandoned`);
  await utimes(`${path}.unfinished-abandoned`, 0, 0);
  await mkdir(`${path}.unfinished-running`);
  await cached(path, () => Promise.resolve());
  expect((await readdir(folder)).map((name) => join(folder, name))).toEqual([
    path,
    `${path}.unfinished-running`,
  ]);
});

test("of one name the entries used last are kept, and other names are left alone", async () => {
  const paths = ["1", "2", "3", "4"].map((version) => cachePath("tool", cacheKey([version])));
  const other = cachePath("tool-other", cacheKey(["1"]));
  for (const [age, path] of [other, ...paths.slice(0, 3)].entries()) {
    await mkdir(path, { recursive: true });
    await utimes(path, age, age);
  }
  const [oldest = "", ...rest] = paths;
  await cached(rest[2] ?? "", () => Promise.resolve());
  const names = (await readdir(folder)).map((name) => join(folder, name)).sort();
  expect(names).toEqual([other, ...rest].sort());
  expect(names).not.toContain(oldest);
});
