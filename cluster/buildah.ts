/** Builds and saves images by buildah, in a storage of our own: the user's images stay as they are. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { withFlags } from "./command-line.ts";
import { run, type RunOptions } from "./commands.ts";
import { readSavedImage, type SavedImage, shareBlobs } from "./saved-images.ts";
import { cacheRoot } from "./paths.ts";
import { canMountOverlay } from "./overlay.ts";

export interface ImageBuild {
  /** With its tag. */
  readonly name: string;
  readonly containerfile: string;
  readonly contextFolder: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Seen by the build's commands only, never in the image: `source:target`. */
  readonly mounts?: readonly string[];
  readonly ignoreFile?: string;
  readonly logPath: string;
}

export async function buildImage(build: ImageBuild): Promise<void> {
  const { buildArgs = {}, mounts = [], ignoreFile } = build;
  const flags = {
    isolation: "chroot",
    network: "host",
    layers: true,
    pull: false,
    // With this format an image keeps its STOPSIGNAL and HEALTHCHECK.
    format: "docker",
    "build-arg": Object.entries(buildArgs).map(([name, value]) => `${name}=${value}`),
    volume: mounts.map((mount) => `${mount}:ro`),
    ignorefile: ignoreFile === undefined ? [] : [ignoreFile],
    tag: build.name,
    file: build.containerfile,
  };
  await buildah([...withFlags(["build"], flags), build.contextFolder], { logPath: build.logPath });
}

/** Writes the image into a folder; what it has from its base takes no second place on the disk. */
export async function saveImage(image: SavedImage, base?: SavedImage): Promise<void> {
  await mkdir(image.folder, { recursive: true });
  await buildah(["push", "--quiet", "--disable-compression", image.name, `dir:${image.folder}`]);
  if (base !== undefined) await shareBlobs(base, image);
}

/** Takes a saved image into the storage, so that others can be built from it. */
export async function loadImage(image: SavedImage): Promise<void> {
  const id = await buildah(["pull", "--quiet", `dir:${image.folder}`]);
  await buildah(["tag", id.trim(), image.name]);
}

/** Whether the storage has this very image under its name, and not an older or newer one. */
export async function isInStorage(image: SavedImage): Promise<boolean> {
  const inspect = ["inspect", "--type", "image", "--format", "{{.FromImageID}}", image.name];
  const [stored, { configDigest }] = await Promise.all([
    buildah(inspect).catch(() => ""),
    readSavedImage(image),
  ]);
  return configDigest === `sha256:${stored.trim()}`;
}

async function buildah(args: readonly string[], options: RunOptions = {}): Promise<string> {
  return run(await commandLine(args), options);
}

async function commandLine(args: readonly string[]): Promise<string[]> {
  const storage = join(cacheRoot(), "buildah");
  await mkdir(storage, { recursive: true });
  const driver = (await canMountOverlay(storage)) ? "overlay" : "vfs";
  const flags = { root: join(storage, driver), runroot: join(storage, "run"), "storage-driver": driver };
  return [...withFlags(["buildah"], flags), ...args];
}
