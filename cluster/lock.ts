/** One command at a time: a lock file that a killed command cannot leave locked. */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseRecord } from "./process-records.ts";
import { isSameProcess } from "./processes.ts";
import { until } from "./wait.ts";

const patienceMs = 30 * 60_000;

/** Runs `work` while no other command holds the lock at `path`. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const claim = `${path}.${randomUUID()}`;
  const [bootId, stat] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    readFile("/proc/self/stat", "utf8"),
  ]);
  await writeFile(claim, bootId + stat);
  try {
    await until(`the lock ${path}`, () => take(path, claim), { timeoutMs: patienceMs, intervalMs: 200 });
  } finally {
    await rm(claim, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A link is made whole or not at all, and never over another; a lock whose holder has ended is nobody's. */
async function take(path: string, claim: string): Promise<boolean> {
  try {
    await link(claim, path);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const holder = parseRecord(await readFile(path, "utf8").catch(() => ""));
  if (holder !== undefined && !(await isSameProcess(holder))) await rm(path, { force: true });
  return false;
}
