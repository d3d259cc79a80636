/** A node's own corner of the machine's resource control: one folder in every version 1 hierarchy, or one in version 2. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sendSignal } from "./processes.ts";
import { until } from "./wait.ts";

const root = "/sys/fs/cgroup";

/** The kubelet's `cgroupRoot`. */
export function cgroupName(cluster: string, node: string): string {
  return `sse-${cluster}-${node}`;
}

export async function createCgroup(name: string): Promise<void> {
  if (isVersion2()) await createVersion2(name);
  else await createVersion1(name);
}

/** One in which memory is limited and nothing else; answers what to put before a command that is to run in it. */
export async function createMemoryCgroup(name: string, limitBytes: number): Promise<string[]> {
  if (isVersion2()) await handDownControllers(root);
  const [folder, file] = isVersion2()
    ? [join(root, name), "memory.max"]
    : [join(root, "memory", name), "memory.limit_in_bytes"];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), String(limitBytes));
  return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', join(folder, "cgroup.procs")];
}

/** Removes the folders, deepest first, and ends what still runs in them. */
export async function removeCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, name));
}

/** The names that begin so, in any hierarchy. */
export async function cgroupsNamed(prefix: string): Promise<string[]> {
  const names = await Promise.all((await hierarchies()).map((hierarchy) => readdir(hierarchy)));
  return [...new Set(names.flat().filter((name) => name.startsWith(prefix)))];
}

function isVersion2(): boolean {
  return existsSync(join(root, "cgroup.controllers"));
}

async function hierarchies(): Promise<string[]> {
  if (isVersion2()) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  // Links such as cpu -> cpu,cpuacct name a hierarchy a second time.
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
}

/** A parent hands its controllers down only when told so, for the root as for the node. */
async function createVersion2(name: string): Promise<void> {
  const folder = join(root, name);
  await handDownControllers(root);
  await mkdir(folder, { recursive: true });
  await handDownControllers(folder);
}

async function handDownControllers(folder: string): Promise<void> {
  const available = (await readFile(join(folder, "cgroup.controllers"), "utf8")).trim().split(/\s+/);
  const wanted = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"].filter((name) =>
    available.includes(name),
  );
  await writeFile(join(folder, "cgroup.subtree_control"), wanted.map((name) => `+${name}`).join(" "));
}

async function createVersion1(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name);
    await mkdir(folder, { recursive: true });
    // A new cpuset is empty, and takes no process before it has processors and memory.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if (!existsSync(join(hierarchy, file))) continue;
      await writeFile(join(folder, file), await readFile(join(hierarchy, file), "utf8"));
    }
  }
}

async function removeTree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await until(`${folder} is empty`, () => removeIfEmpty(folder), { timeoutMs: 30_000 });
}

/** A group is busy as long as a process of it lives; one that is left over belongs to nobody else. */
async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EBUSY")) throw error;
  }
  const pids = (await readFile(join(folder, "cgroup.procs"), "utf8"))
    .split("\n")
    .filter((line) => line !== "");
  // 0 stands for a process that this namespace cannot see.
  for (const pid of pids.map(Number).filter((pid) => pid > 0)) sendSignal(pid, "SIGKILL");
  return false;
}
