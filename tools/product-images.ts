/** Builds our two images from their Dockerfiles for the rig, under tags that change with what they are made of. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildImage, saveImage } from "#cluster/buildah.ts";
import { cached, cacheKey, cachePath, folderContent, isCached } from "#cluster/cache.ts";
import { ensureInStorage, imageName, savedImage } from "#cluster/images.ts";
import { cacheRoot } from "#cluster/paths.ts";
import { type Progress, silent } from "#cluster/progress.ts";
import type { SavedImage } from "#cluster/saved-images.ts";
import type { Side } from "./bundle.ts";
import { UserError } from "./steps.ts";

const root = join(import.meta.dirname, "..");

export interface RigImages {
  readonly operator: string;
  readonly runtime: string;
  readonly nginx: string;
  readonly valkey: string;
  /** The same, for the nodes. */
  readonly saved: readonly SavedImage[];
}

/** The images that a cluster without a registry needs to run the product. */
export async function rigImages(progress: Progress = silent): Promise<RigImages> {
  const operator = await productImage("operator", progress);
  const runtime = await productImage("runtime", progress);
  const nginx = await savedImage("nginx", progress);
  const valkey = await savedImage("valkey", progress);
  return {
    operator: operator.name,
    runtime: runtime.name,
    nginx: nginx.name,
    valkey: valkey.name,
    saved: [operator, runtime, nginx, valkey],
  };
}

async function productImage(side: Side, progress: Progress): Promise<SavedImage> {
  const base = await savedImage("node", progress);
  const keyNow = async () => cacheKey([base.folder, ...(await sourcesOf(side))]);
  const key = await keyNow();
  // The tag names the content, so that a changed source makes the pods roll.
  const name = `localhost/sse-operator/${side}:${key}`;
  const folder = cachePath(`image-${side}`, key);
  const make = async (output: string): Promise<void> => {
    await ensureInStorage("node", progress);
    await buildImage({
      name,
      containerfile: join(root, `Dockerfile.${side}`),
      contextFolder: root,
      ignoreFile: join(root, ".dockerignore"),
      buildArgs: { NODE_IMAGE: imageName("node") },
      mounts: [`${join(root, "node_modules")}:/src/node_modules`],
      logPath: join(cacheRoot(), "logs", `image-${side}.log`),
    });
    await saveImage({ name, folder: output }, base);
    // Kept under this key, it would be taken for what it is not.
    if ((await keyNow()) !== key)
      throw new UserError(`Cannot keep image "${name}": its sources were changed`, "run it again");
  };
  const build = (): Promise<unknown> => cached(folder, make);
  if (await isCached(folder)) await build();
  else await progress.step(`build image ${name}`, join(cacheRoot(), "logs", `image-${side}.log`), build);
  return { name, folder };
}

/** All that the image's build reads, tests aside. */
async function sourcesOf(side: Side): Promise<string[]> {
  const files = [`Dockerfile.${side}`, "package-lock.json", "tools/bundle.ts", "runtime/config.ts"];
  const content = await folderContent(join(root, side), (path) => !path.endsWith(".test.ts"));
  return [...(await Promise.all(files.map((file) => readFile(join(root, file), "utf8")))), ...content];
}
