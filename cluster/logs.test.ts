import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lastLines, readLastLines } from "./logs.ts";

test("the last lines, without the empty ones at the end", () => {
  expect(lastLines("1\n2\n3\n\n\n", 2)).toBe("2\n3");
  expect(lastLines("1\n2", 5)).toBe("1\n2");
  expect(lastLines("", 5)).toBe("");
});

test("the end of a long file, and nothing of a file that is not there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "logs-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "long.log");
  await writeFile(path, Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(""));
  expect(await readLastLines(path, 2)).toBe("line 19998\nline 19999");
  expect(await readLastLines(join(folder, "absent"), 2)).toBe("");
});
