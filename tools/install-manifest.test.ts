import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RELEASE } from "#operator/install/release.ts";
import { replaceImages } from "./install-manifest.ts";

test("whole image names are replaced, wherever they stand", () => {
  const manifest = `image: r.io/a:1\nenv: {value: "r.io/a:1"}\nother: r.io/a:1-rc\nmine: my.r.io/a:1\nlast: r.io/a:1`;
  expect(replaceImages(manifest, new Map([["r.io/a:1", "localhost/a:$&"]]))).toBe(
    `image: localhost/a:$&\nenv: {value: "localhost/a:$&"}\nother: r.io/a:1-rc\nmine: my.r.io/a:1\nlast: localhost/a:$&`,
  );
});

test("an image that the manifest does not use is a mistake", () => {
  expect(() => replaceImages("image: r.io/a:1", new Map([["r.io/b:1", "x"]]))).toThrow('"r.io/b:1"');
});

test("the shipped manifest holds every image of the release", async () => {
  const manifest = await readFile(join(import.meta.dirname, "..", "deploy", "install.yaml"), "utf8");
  const images = Object.values(RELEASE.images);
  const replaced = replaceImages(
    manifest,
    new Map(images.map((image, index) => [image, `localhost/new:${index}`])),
  );
  for (const image of images) expect(replaced).not.toContain(image);
});
