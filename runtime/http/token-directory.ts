/**
 * The accepted tokens: one in each file of a directory, as a mounted Secret is. Read anew periodically, because a
 * Secret's volume is replaced as a whole and file system events of it are easily missed.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { digestToken } from "./auth.ts";

const PERIOD_MS = 2_000;

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
  let digests: readonly Buffer[] = [];
  let isFailing = false;
  const reload = async (): Promise<void> => {
    try {
      digests = await readTokens(path);
      isFailing = false;
    } catch (error) {
      if (!isFailing) onError(error);
      isFailing = true;
    }
  };
  await reload();
  const timer = setInterval(() => void reload(), PERIOD_MS).unref();
  return { digests: () => digests, reload, close: () => clearInterval(timer) };
}

/** Kubernetes keeps its own links beside the keys, under names that start with a dot. */
async function readTokens(path: string): Promise<readonly Buffer[]> {
  const names = (await readdir(path)).filter((name) => !name.startsWith("."));
  const tokens = await Promise.all(names.map((name) => readFile(join(path, name), "utf8")));
  return tokens
    .map((token) => token.trim())
    .filter((token) => token !== "")
    .map(digestToken);
}
