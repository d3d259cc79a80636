/** Takes a cluster down by the names of its parts alone, so that it works whatever a killed run has left. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { planAddresses } from "./addresses.ts";
import { cgroupName, cgroupsNamed, removeCgroup } from "./cgroups.ts";
import { clusterFolder, readRecord } from "./cluster-record.ts";
import { withLock } from "./lock.ts";
import { createNetwork, endProcessesIn, namespacesOf } from "./network.ts";
import { stateRoot } from "./paths.ts";
import { stopProcess } from "./processes.ts";

/** Afterwards no process, namespace, mount, link, route, control group or file of it is left. */
export async function removeCluster(name: string): Promise<void> {
  await withLock(clusterLockPath(name), () => removeUnlocked(name));
}

/** For callers that hold the cluster's lock. */
export async function removeUnlocked(name: string): Promise<void> {
  const folder = clusterFolder(name);
  await endRecorded(join(folder, "run"));
  // What was started but not recorded: a run can be killed between the two.
  for (const namespace of await namespacesOf(name)) await endProcessesIn(namespace);
  for (const cgroup of await cgroupsNamed(cgroupName(name, ""))) await removeCgroup(cgroup);
  const record = await readRecord(name).catch(() => undefined);
  const index = record?.index ?? 0;
  const network = createNetwork(name, index, planAddresses(index, 1));
  await network.removeNamespaces();
  if (record !== undefined) await network.removeFromHost();
  await rm(folder, { recursive: true, force: true });
}

export function clusterLockPath(name: string): string {
  return join(stateRoot(), "locks", name);
}

async function endRecorded(runFolder: string): Promise<void> {
  const entries = await readdir(runFolder, { recursive: true, withFileTypes: true }).catch(() => []);
  const records = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(records.map((path) => stopProcess(path, 0)));
}
