import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layOutArchive, readSavedImage, type SavedImage, shareBlobs } from "./saved-images.ts";

let folder: string;
const [config, base, top] = ["c", "b", "a"].map((letter) => letter.repeat(64)) as [string, string, string];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saved-images-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function save(name: string, layers: readonly string[]): Promise<SavedImage> {
  const image = { name, folder: join(folder, name.replaceAll(/\W/g, "-")) };
  await mkdir(image.folder);
  for (const blob of [config, ...layers]) await writeFile(join(image.folder, blob), `content of ${blob}`);
  const digest = (blob: string): { digest: string } => ({ digest: `sha256:${blob}` });
  const manifest = { mediaType: "application/x", config: digest(config), layers: layers.map(digest) };
  await writeFile(join(image.folder, "manifest.json"), JSON.stringify(manifest));
  return image;
}

test("an archive names its images and leaves out what the receiver has", async () => {
  const image = await readSavedImage(await save("localhost/it:1", [base, top]));
  await layOutArchive(join(folder, "archive"), [image], new Set([`sha256:${base}`]));
  const blobs = await readdir(join(folder, "archive", "blobs", "sha256"));
  expect(blobs.sort()).toEqual([top, config, image.manifestDigest.replace("sha256:", "")].sort());
  expect(await readFile(join(folder, "archive", "blobs", "sha256", top), "utf8")).toBe(`content of ${top}`);
  const index: unknown = JSON.parse(await readFile(join(folder, "archive", "index.json"), "utf8"));
  expect(index).toMatchObject({
    manifests: [
      {
        mediaType: "application/x",
        digest: image.manifestDigest,
        size: Buffer.byteLength(image.manifest),
        annotations: { "io.containerd.image.name": "localhost/it:1" },
      },
    ],
  });
});

test("an image and its base share the files that both have", async () => {
  const [lower, upper] = [await save("base", [base]), await save("image", [base, top])];
  await shareBlobs(lower, upper);
  const inode = async (path: string): Promise<number> => (await stat(path)).ino;
  expect(await inode(join(upper.folder, base))).toBe(await inode(join(lower.folder, base)));
  expect(await readdir(upper.folder)).toContain(top);
  expect(await inode(join(upper.folder, "manifest.json"))).not.toBe(
    await inode(join(lower.folder, "manifest.json")),
  );
});
