import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createSteps, formatSeconds } from "./steps.ts";

test("a step says what it does, where its log is, and how long it took", async () => {
  const lines: string[] = [];
  const steps = createSteps((line) => lines.push(line));
  expect(await steps.step("build it", "/some/build.log", () => Promise.resolve(7))).toBe(7);
  expect(lines[0]).toBe("  build it ...  (log: /some/build.log)");
  expect(lines[1]).toMatch(/^ {2}build it: \d+\.\d s$/);
});

test("a step that fails shows the end of its log, and fails", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steps-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const logPath = join(folder, "it.log");
  await writeFile(logPath, "first\nno space left\n");
  const lines: string[] = [];
  const failing = createSteps((line) => lines.push(line)).step("build it", logPath, () =>
    Promise.reject(new Error("boom")),
  );
  await expect(failing).rejects.toThrow("boom");
  expect(lines.join("\n")).toMatch(/build it: failed after \d+\.\d s[^]*no space left/);
});

test.each([
  [950, "0.9 s"],
  [59_940, "59.9 s"],
  [60_000, "1 min 0 s"],
  [119_700, "2 min 0 s"],
  [125_400, "2 min 5 s"],
])("%d ms is %s", (milliseconds, text) => {
  expect(formatSeconds(milliseconds)).toBe(text);
});
