/** Images as folders of layers, so that a node is sent only the layers that it lacks: most share their largest ones. */
import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface SavedImage {
  /** With its tag. */
  readonly name: string;
  /** Holds `manifest.json`, and the configuration and each layer in a file named by its SHA-256. */
  readonly folder: string;
}

export interface ImageContent {
  readonly name: string;
  readonly manifestDigest: string;
  /** Also the id by which container engines know the image. */
  readonly configDigest: string;
  readonly manifest: string;
  readonly mediaType: string;
  /** Digest -> file. */
  readonly blobs: ReadonlyMap<string, string>;
}

export async function readSavedImage({ name, folder }: SavedImage): Promise<ImageContent> {
  const manifest = await readFile(join(folder, "manifest.json"), "utf8");
  const { mediaType, configDigest, layerDigests } = parseManifest(manifest);
  const digests = [configDigest, ...layerDigests];
  const blobs = new Map(digests.map((digest) => [digest, join(folder, digest.replace("sha256:", ""))]));
  const manifestDigest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
  return { name, manifestDigest, configDigest, manifest, mediaType, blobs };
}

interface Manifest {
  readonly mediaType: string;
  readonly configDigest: string;
  readonly layerDigests: readonly string[];
}

/** An image manifest of either Docker or OCI. */
function parseManifest(text: string): Manifest {
  const manifest = JSON.parse(text) as {
    readonly mediaType?: string;
    readonly config: { readonly digest: string };
    readonly layers: readonly { readonly digest: string }[];
  };
  return {
    mediaType: manifest.mediaType ?? "application/vnd.oci.image.manifest.v1+json",
    configDigest: manifest.config.digest,
    layerDigests: manifest.layers.map((layer) => layer.digest),
  };
}

/** Lays out an OCI image archive (links, to be followed by tar) without the blobs that its receiver has already. */
export async function layOutArchive(
  folder: string,
  images: readonly ImageContent[],
  present: ReadonlySet<string>,
): Promise<void> {
  const blobFolder = join(folder, "blobs", "sha256");
  await mkdir(blobFolder, { recursive: true });
  const pathOf = (digest: string): string => join(blobFolder, digest.replace("sha256:", ""));
  const blobs = new Map(images.flatMap((image) => [...image.blobs]));
  for (const [digest, file] of blobs) if (!present.has(digest)) await symlink(file, pathOf(digest));
  for (const image of images) await writeFile(pathOf(image.manifestDigest), image.manifest);
  const manifests = images.map((image) => ({
    mediaType: image.mediaType,
    digest: image.manifestDigest,
    size: Buffer.byteLength(image.manifest),
    annotations: { "io.containerd.image.name": image.name },
  }));
  await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
}

/** Lets both folders share the files that both have: an image and its base are mostly the same. */
export async function shareBlobs(base: SavedImage, image: SavedImage): Promise<void> {
  const inBase = new Set(await readdir(base.folder));
  for (const file of await readdir(image.folder)) {
    if (!isBlob(file) || !inBase.has(file)) continue;
    await rm(join(image.folder, file));
    await link(join(base.folder, file), join(image.folder, file));
  }
}

/** A file named by its SHA-256: whatever has the same name is the same. */
function isBlob(file: string): boolean {
  return /^[0-9a-f]{64}$/.test(file);
}
