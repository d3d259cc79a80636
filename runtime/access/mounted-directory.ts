/** The files of a directory, as a mounted Secret has them, parsed into one value, and read anew periodically. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { keepReading } from "#runtime/keep-reading.ts";

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
  const { readNow, close } = await keepReading(async () => {
    value = parse(await readFiles(path));
  }, onError);
  return { value: () => value, reload: readNow, close };
}

/** Kubernetes keeps its own links beside the keys, under names that start with a dot. */
async function readFiles(path: string): Promise<readonly MountedFile[]> {
  const names = (await readdir(path)).filter((name) => !name.startsWith("."));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(path, name), "utf8") })));
}
