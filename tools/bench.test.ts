import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bench, benchmarks } from "./bench.ts";

test("every program in bench/ is listed, and nothing else", async () => {
  const files = await readdir(join(import.meta.dirname, "..", "bench"));
  const programs = files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length));
  expect(Object.keys(benchmarks).toSorted()).toEqual(programs.toSorted());
});

test("an unknown name is told what there is", async () => {
  await expect(bench("fan-in")).rejects.toMatchObject({
    message: 'Cannot run the benchmark "fan-in": there is none of that name',
    advice: expect.stringContaining("./dev bench fan-out"),
  });
});
