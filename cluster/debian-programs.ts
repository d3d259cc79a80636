/**
 * Programs of a Debian release that is not the machine's own, unpacked from its packages and kept for later runs. Each
 * runs with the libraries of its own release, beside whatever the machine has installed.
 */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianMirror } from "./apt.ts";
import { cached, cacheKey, cachePath } from "./cache.ts";
import { run } from "./commands.ts";

export interface DebianPackages {
  /** Names them in the cache. */
  readonly name: string;
  readonly release: DebianRelease;
  readonly packages: readonly string[];
}

export type DebianRelease = keyof typeof LIBRARY_FOLDERS;

const LIBRARIES = "lib/x86_64-linux-gnu";

/** Where each release has its libraries; the loader is in the first folder. */
const LIBRARY_FOLDERS = {
  bookworm: [LIBRARIES, `usr/${LIBRARIES}`],
  trixie: [`usr/${LIBRARIES}`],
} as const;

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The command of a program in these packages, to which its arguments are added. */
export async function debianCommand(from: DebianPackages, program: string): Promise<readonly string[]> {
  const { name, release, packages } = from;
  const path = cachePath(name, cacheKey([release, ...packages]));
  const root = join(await cached(path, (folder) => unpack(from, folder)), "root");
  const folders = LIBRARY_FOLDERS[release];
  const loader = join(root, folders[0], "ld-linux-x86-64.so.2");
  const libraries = folders.map((folder) => join(root, folder)).join(":");
  return [loader, "--library-path", libraries, join(root, program)];
}

/** With a package database of its own, apt resolves every dependency and installs nothing. */
async function unpack({ release, packages }: DebianPackages, folder: string): Promise<void> {
  const root = join(folder, "root");
  await Promise.all(
    ["lists/partial", "archives/partial", "root"].map((name) =>
      mkdir(join(folder, name), { recursive: true }),
    ),
  );
  await writeFile(join(folder, "status"), "");
  const sources = `deb [signed-by=${KEYRING}] ${await debianMirror()} ${release} main\n`;
  await writeFile(join(folder, "sources.list"), sources);
  const options = aptOptions(folder);
  await run(["apt-get", ...options, "update"]);
  await run(["apt-get", ...options, "--no-install-recommends", "--download-only", "install", ...packages]);
  const archives = join(folder, "archives");
  for (const name of (await readdir(archives)).filter((file) => file.endsWith(".deb"))) {
    await run(["dpkg-deb", "--extract", join(archives, name), root]);
  }
}

function aptOptions(folder: string): readonly string[] {
  const settings = [
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    "Dir::Etc::sourceparts=/dev/null",
    `Dir::State=${folder}`,
    `Dir::State::lists=${folder}/lists`,
    `Dir::State::status=${folder}/status`,
    `Dir::Cache=${folder}`,
    `Dir::Cache::archives=${folder}/archives`,
    "APT::Sandbox::User=root",
  ];
  return ["--quiet", "--yes", ...settings.flatMap((setting) => ["--option", setting])];
}
