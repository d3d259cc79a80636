/** The accepted tokens: one in each file of a directory, as a mounted Secret is. */
import { openMountedDirectory, type MountedFile } from "#runtime/access/mounted-directory.ts";
import { digestToken } from "./auth.ts";

export interface TokenDirectory {
  /** SHA-256 of each token. While the directory cannot be read, those that were last read. */
  readonly digests: () => readonly Buffer[];
  readonly reload: () => Promise<void>;
  readonly close: () => void;
}

/** `onError` is told once for each time that reading begins to fail. */
export async function openTokenDirectory(
  path: string,
  onError: (error: unknown) => void,
): Promise<TokenDirectory> {
  const { value, reload, close } = await openMountedDirectory(path, [], digestTokens, onError);
  return { digests: value, reload, close };
}

function digestTokens(files: readonly MountedFile[]): Buffer[] {
  return files
    .map(({ text }) => text.trim())
    .filter((token) => token !== "")
    .map(digestToken);
}
