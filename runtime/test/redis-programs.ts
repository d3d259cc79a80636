/**
 * Real Redis and Valkey servers of several versions, unpacked from Debian's packages beside what the machine has
 * installed, and kept for later runs. Each runs with the libraries of its own release.
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianMirror } from "#cluster/apt.ts";
import { cached, cacheKey, cachePath } from "#cluster/cache.ts";

export type RedisProgram = "redis-7" | "redis-8" | "valkey-8";

const SOURCES = {
  "redis-7": { release: "bookworm", name: "redis-server" },
  "redis-8": { release: "trixie", name: "redis-server" },
  "valkey-8": { release: "trixie", name: "valkey-server" },
} as const;

const LIBRARIES = "lib/x86_64-linux-gnu";

/** All that is fetched of a release, and where it has its libraries; the loader is in the first folder. */
const RELEASES = {
  bookworm: { packages: ["redis-server"], libraries: [LIBRARIES, `usr/${LIBRARIES}`] },
  trixie: { packages: ["redis-server", "valkey-server"], libraries: [`usr/${LIBRARIES}`] },
} as const;
type Release = keyof typeof RELEASES;

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

const run = promisify(execFile);

/** The command, to which the server's arguments are added. */
export async function redisCommand(program: RedisProgram): Promise<readonly string[]> {
  const { release, name } = SOURCES[program];
  const { packages, libraries } = RELEASES[release];
  const path = cachePath("redis", cacheKey([release, ...packages]));
  const root = join(await cached(path, (folder) => unpack(release, folder)), "root");
  const folders = libraries.map((folder) => join(root, folder));
  const loader = join(root, libraries[0], "ld-linux-x86-64.so.2");
  return [loader, "--library-path", folders.join(":"), join(root, "usr/bin", name)];
}

/** With a package database of its own, apt resolves every dependency and installs nothing. */
async function unpack(release: Release, folder: string): Promise<void> {
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
  await run("apt-get", [...options, "update"]);
  await run("apt-get", [
    ...options,
    "--no-install-recommends",
    "--download-only",
    "install",
    ...RELEASES[release].packages,
  ]);
  const archives = join(folder, "archives");
  for (const name of (await readdir(archives)).filter((file) => file.endsWith(".deb"))) {
    await run("dpkg-deb", ["--extract", join(archives, name), root]);
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
