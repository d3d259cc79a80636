import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RELEASE, RELEASE_VERSION } from "./release.ts";

test("the release is the package's version, in its own images too", () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  expect(RELEASE_VERSION).toBe(version);
  for (const image of [RELEASE.images.operator, RELEASE.images.runtime])
    expect(image.endsWith(`:${version}`)).toBe(true);
});
