/** The Debian mirror that this machine is set up with, found when it is needed and written into no image. */
import { readdir } from "node:fs/promises";
import { readIfThere } from "./files.ts";

const sourcesFolder = "/etc/apt/sources.list.d";

/** `$DEBIAN_MIRROR`, or the mirror of the machine's own Debian. */
export async function debianMirror(): Promise<string> {
  const { DEBIAN_MIRROR } = process.env;
  if (DEBIAN_MIRROR !== undefined) return DEBIAN_MIRROR;
  const names = await readdir(sourcesFolder).catch(() => []);
  const paths = ["/etc/apt/sources.list", ...names.map((name) => `${sourcesFolder}/${name}`)];
  const texts = await Promise.all(paths.map((path) => readIfThere(path)));
  const mirror = parseMirror(texts.map((text) => text ?? "").join("\n"));
  if (mirror !== undefined) return mirror;
  throw new Error("Cannot find a Debian mirror in apt's sources: set DEBIAN_MIRROR to the URL of one");
}

/** The first address in apt sources (one-line or deb822) that serves a whole Debian: not its security updates only. */
export function parseMirror(sources: string): string | undefined {
  const lines = sources.split("\n").filter((line) => /^\s*(deb\s|URIs:)/.test(line));
  const addresses = lines.flatMap((line) => line.match(/https?:\/\/[^\s\]]+/g) ?? []);
  return addresses
    .map((address) => address.replace(/\/$/, ""))
    .find((address) => address.endsWith("/debian"));
}
