import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generatedFiles } from "./generate.ts";

describe("generated files", () => {
  test.each([...generatedFiles()])("%s is what the sources generate", async (path, content) => {
    const found = await readFile(join(import.meta.dirname, "..", path), "utf8");
    expect(found, "run `npm run generate`").toBe(content);
  });
});
