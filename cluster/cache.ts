/**
 * Things that take long to make, kept by name and by what they are made from. An entry appears whole or not at all:
 * it is made under another name and then renamed, so a build killed half-way leaves nothing that looks finished.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheRoot } from "./paths.ts";

const keptEntries = 3;
/** No build takes this long: whoever made it was killed. */
const abandonedMs = 6 * 3_600_000;

/** A short name for exactly these ingredients. */
export function cacheKey(ingredients: readonly string[]): string {
  const hash = createHash("sha256");
  for (const ingredient of ingredients) hash.update(`${Buffer.byteLength(ingredient)}:`).update(ingredient);
  return hash.digest("hex").slice(0, 16);
}

/** Every file below a folder, path and content, in a fixed order: ingredients for a key. */
export async function folderContent(
  folder: string,
  counts: (path: string) => boolean = () => true,
): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths
    .filter(counts)
    .sort()
    .map(async (path) => [path.slice(folder.length), await readFile(path, "utf8")]);
  return (await Promise.all(files)).flat();
}

export function cachePath(name: string, key: string): string {
  return join(cacheRoot(), `${name}-${key}`);
}

export async function isCached(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The entry's folder, which `make` fills if it is not there yet. */
export async function cached(path: string, make: (folder: string) => Promise<void>): Promise<string> {
  if (await isCached(path)) {
    await utimes(path, new Date(), new Date());
    return path;
  }
  await mkdir(cacheRoot(), { recursive: true });
  const unfinished = await mkdtemp(`${path}.unfinished-`);
  try {
    await make(unfinished);
    await rename(unfinished, path).catch((error: unknown) => keepOther(path, error));
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  await forgetUnused(path);
  return path;
}

/** Another command may have made the same entry meanwhile: then its entry is as good as ours. */
async function keepOther(path: string, error: unknown): Promise<void> {
  if (!(await isCached(path))) throw error;
}

/** Keeps the few entries of the same name that were used last: a changed source leaves its old image behind. */
async function forgetUnused(path: string): Promise<void> {
  const name = basename(path).replace(/-[0-9a-f]{16}$/, "");
  const pattern = new RegExp(`^${name}-[0-9a-f]{16}(\\.unfinished-.*)?$`);
  const names = (await readdir(cacheRoot())).filter((entry) => pattern.test(entry));
  const entries = names.map(async (entry) => {
    const entryPath = join(cacheRoot(), entry);
    // Another command may have finished or removed it meanwhile: then it is none of our business.
    const usedMs = await stat(entryPath).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    return { entryPath, isFinished: !entry.includes(".unfinished-"), usedMs };
  });
  const newestFirst = (await Promise.all(entries)).sort((a, b) => b.usedMs - a.usedMs);
  const old = newestFirst.filter(({ isFinished }) => isFinished).slice(keptEntries);
  const abandoned = newestFirst.filter(
    (entry) => !entry.isFinished && entry.usedMs < Date.now() - abandonedMs,
  );
  for (const { entryPath } of [...old, ...abandoned]) await rm(entryPath, { recursive: true, force: true });
}
