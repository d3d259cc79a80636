/** Keys from the files of a directory, as a mounted Secret has them. */
import { keysFor, parseKeyFiles, type KeySource } from "./key-set.ts";
import { openMountedDirectory } from "./mounted-directory.ts";

/** `onError` is told once for each time that reading begins to fail. */
export async function openKeyDirectory(
  path: string,
  allowsSecrets: boolean,
  onError: (error: unknown) => void,
): Promise<KeySource> {
  const directory = await openMountedDirectory(
    path,
    [],
    (files) => parseKeyFiles(files, allowsSecrets),
    onError,
  );
  return {
    async find(hint) {
      const keys = directory.value();
      return keys.length === 0 ? undefined : keysFor(keys, hint);
    },
  };
}
