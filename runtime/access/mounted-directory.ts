/**
 * The files of a directory, as a mounted Secret has them, parsed into one value. Read anew periodically, because a
 * Secret's volume is replaced as a whole and file system events of it are easily missed.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const PERIOD_MS = 2_000;

export interface MountedFile {
  readonly name: string;
  readonly text: string;
}

export interface MountedDirectory<Value> {
  /** While the directory cannot be read or parsed, what was last read. */
  readonly value: () => Value;
  readonly reload: () => Promise<void>;
  readonly close: () => void;
}

/** `parse` may throw; `onError` is told once for each time that reading begins to fail. */
export async function openMountedDirectory<Value>(
  path: string,
  empty: Value,
  parse: (files: readonly MountedFile[]) => Value,
  onError: (error: unknown) => void,
): Promise<MountedDirectory<Value>> {
  let value = empty;
  let isFailing = false;
  const reload = async (): Promise<void> => {
    try {
      value = parse(await readFiles(path));
      isFailing = false;
    } catch (error) {
      if (!isFailing) onError(error);
      isFailing = true;
    }
  };
  await reload();
  const timer = setInterval(() => void reload(), PERIOD_MS).unref();
  return { value: () => value, reload, close: () => clearInterval(timer) };
}

/** Kubernetes keeps its own links beside the keys, under names that start with a dot. */
async function readFiles(path: string): Promise<readonly MountedFile[]> {
  const names = (await readdir(path)).filter((name) => !name.startsWith("."));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(path, name), "utf8") })));
}
