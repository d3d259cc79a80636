/** Builds and saves images by buildah, in a storage of our own: the user's images stay as they are. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { withFlags } from "./command-line.ts";
import { run, type RunOptions, succeeds } from "./commands.ts";
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

/** Writes the image with all its layers into one file, which containerd imports under the same name. */
export async function saveImage(name: string, archivePath: string): Promise<void> {
  await rm(archivePath, { force: true });
  await buildah(["push", "--quiet", name, `docker-archive:${archivePath}:${name}`]);
}

/** Takes a saved image into the storage, so that others can be built from it. */
export async function loadImage(archivePath: string): Promise<void> {
  await buildah(["pull", "--quiet", `docker-archive:${archivePath}`]);
}

export async function isInStorage(name: string): Promise<boolean> {
  return succeeds(await commandLine(["inspect", "--type", "image", name]));
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
