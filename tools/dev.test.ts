import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommandError, run } from "#cluster/commands.ts";

const script = join(import.meta.dirname, "..", "dev");
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dev-test-"));
  await fake("uname", "echo Linux");
  await fake("id", "echo 0");
  await fake("go", "echo go version go1.26.8 linux/amd64");
  await fake("npm", `touch ${join(folder, "npm-ran")}`);
});
afterEach(() => rm(folder, { recursive: true }));

/** Stands before the machine's own program of this name. */
async function fake(program: string, body: string): Promise<void> {
  await writeFile(join(folder, program), `#!/bin/sh\n${body}\n`);
  await chmod(join(folder, program), 0o755);
}

async function dev(
  ...words: readonly string[]
): Promise<{ readonly status: number | null; readonly said: string }> {
  const env = { PATH: `${folder}:${process.env["PATH"]}` };
  return run(["sh", script, ...words], { env }).then(
    (said) => ({ status: 0, said }),
    (error: unknown) => {
      if (error instanceof CommandError) return { status: error.exitCode, said: error.stderr };
      throw error;
    },
  );
}

test.each([
  ["another system", "uname", "echo Darwin", /^dev: .*needs Linux.*--context NAME\n$/],
  ["a plain user", "id", "echo 1000", /^dev: .*needs root.*sudo \.\/dev up\n$/],
  ["no Go", "go", "exit 127", /^dev: Go >= 1\.24 is needed.*: none found in PATH\n$/],
  [
    "an old Go",
    "go",
    "echo go version go1.9.7 linux/amd64",
    /^dev: Go >= 1\.24 is needed.*: 1\.9 found in PATH\n$/,
  ],
  ["an old Node", "node", "echo 18", /^dev: Node >= 20 is needed.*: 18 found in PATH\n$/],
  ["no Node", "node", "exit 127", /^dev: Node >= 20 is needed.*: none found in PATH\n$/],
])("%s is told in one line, before anything is changed", async (_what, program, body, line) => {
  await fake(program, body);
  const { status, said } = await dev("up");
  expect(said).toMatch(line);
  expect(status).toBe(1);
  await expect(readFile(join(folder, "npm-ran"))).rejects.toThrow("ENOENT");
});

test("a wrong word is told with the words that there are", async () => {
  const { status, said } = await dev("upp");
  expect(said).toMatch(/^dev: there is no word "upp"\n[^]*Usage: \.\/dev WORD/);
  expect(status).toBe(2);
});

test("help needs neither root nor Go", async () => {
  await fake("id", "echo 1000");
  await fake("go", "exit 127");
  expect(await dev("help")).toMatchObject({ status: 0, said: expect.stringContaining("Usage: ./dev WORD") });
});
