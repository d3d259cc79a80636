import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { missingPackages } from "./prerequisites.ts";

test("a package is missing when none of the folders has its program, and is named once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "prerequisites-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  expect(missingPackages([folder]).filter((name) => name === "util-linux")).toEqual(["util-linux"]);
  for (const tool of ["nsenter", "setpriv", "runc"]) await writeFile(join(folder, tool), "");
  const missing = missingPackages(["/nowhere", folder]);
  expect(missing).toContain("buildah");
  expect(missing).not.toContain("util-linux");
  expect(missing).not.toContain("runc");
});
