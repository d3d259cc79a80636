/**
 * Which certificate a connection was opened with. The sidecar reads the certificate at each handshake and tells how old a
 * request's connection is; the mounted file tells since when it has been what it is.
 */
import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { keepReading } from "#runtime/keep-reading.ts";

/** A connection that is older than so many renewals was opened with one that is not known any more. */
const MAX_VERSIONS = 16;

export interface ServedCertificates {
  /** SHA-256, as browsers show it, of what was served when a connection of this age was opened; undefined when not known. */
  readonly fingerprintAt: (connectionSeconds: number) => Promise<string | undefined>;
  readonly close: () => void;
}

interface Version {
  readonly sinceMs: number;
  readonly fingerprint: string;
}

/** `onError` is told once for each time that reading begins to fail. */
export async function openServedCertificates(
  path: string,
  onError: (error: unknown) => void,
): Promise<ServedCertificates> {
  const versions: Version[] = [];
  const { readNow, close } = await keepReading(async () => {
    const { mtimeMs } = await stat(path);
    if (versions.at(-1)?.sinceMs === mtimeMs) return;
    const { fingerprint256: fingerprint } = new X509Certificate(await readFile(path));
    versions.push({ sinceMs: mtimeMs, fingerprint });
    versions.splice(0, versions.length - MAX_VERSIONS);
  }, onError);
  return {
    fingerprintAt: async (connectionSeconds) => {
      const openedMs = Date.now() - connectionSeconds * 1_000;
      await readNow();
      return versions.findLast(({ sinceMs }) => sinceMs <= openedMs)?.fingerprint;
    },
    close,
  };
}
