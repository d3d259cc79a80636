/** The Debian mirror that this machine is set up with, found when it is needed and written into no image. */
import { readdir } from "node:fs/promises";
import { readIfThere } from "./files.ts";

export const publicMirror = "http://deb.debian.org/debian";
const sourcesFolder = "/etc/apt/sources.list.d";

/** The mirror of the machine's own Debian, or the public one on a machine that runs something else. */
export async function debianMirror(): Promise<string> {
  const names = await readdir(sourcesFolder).catch(() => []);
  const paths = ["/etc/apt/sources.list", ...names.map((name) => `${sourcesFolder}/${name}`)];
  const texts = await Promise.all(paths.map((path) => readIfThere(path)));
  return parseMirror(texts.map((text) => text ?? "").join("\n")) ?? publicMirror;
}

/** The first address in apt sources (one-line or deb822) that serves a whole Debian: not its security updates only. */
export function parseMirror(sources: string): string | undefined {
  const lines = sources.split("\n").filter((line) => /^\s*(deb\s|URIs:)/.test(line));
  const addresses = lines.flatMap((line) => line.match(/https?:\/\/[^\s\]]+/g) ?? []);
  return addresses
    .map((address) => address.replace(/\/$/, ""))
    .find((address) => address.endsWith("/debian"));
}
