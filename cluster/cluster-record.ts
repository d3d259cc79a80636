/** What is remembered of a cluster between commands: its number, which gives its addresses, and what it was made with. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { freeIndex, maxClusters } from "./addresses.ts";
import { readIfThere, writeWhole } from "./files.ts";
import { hostNetworks } from "./network.ts";
import { stateRoot } from "./paths.ts";
import { withLock } from "./lock.ts";

export interface ClusterRecord {
  readonly index: number;
  readonly nodeCount: number;
  /** Changes with the rig's own code: a cluster made by another rig is made anew. */
  readonly madeBy: string;
  /** etcd here does not wait for the disk, so what it wrote before the machine went down is not to be trusted. */
  readonly bootId: string;
}

export function clusterFolder(name: string): string {
  return join(stateRoot(), name);
}

export async function readRecord(name: string): Promise<ClusterRecord | undefined> {
  const text = await readIfThere(recordPath(name));
  return text === undefined ? undefined : parseClusterRecord(text);
}

/** Writes the record with a number that no other cluster has and whose addresses the host does not use. */
export async function claimRecord(
  name: string,
  content: Omit<ClusterRecord, "index">,
): Promise<ClusterRecord> {
  return withLock(join(stateRoot(), "locks", "numbers"), async () => {
    const names = await readdir(stateRoot());
    const records = await Promise.all(names.filter((other) => other !== name).map(readRecord));
    const used = records.flatMap((record) => (record === undefined ? [] : [record.index]));
    const index = freeIndex(used, await hostNetworks());
    if (index === undefined)
      throw new Error(`Cannot find addresses for "${name}": all ${maxClusters} ranges are in use`);
    const record = { index, ...content };
    await writeWhole(recordPath(name), JSON.stringify(record));
    return record;
  });
}

/** Whether a cluster with this record is what a new one would be; otherwise it is made anew. */
export function isStillGood(
  record: ClusterRecord | undefined,
  wanted: Omit<ClusterRecord, "index">,
): boolean {
  return (
    record?.madeBy === wanted.madeBy &&
    record.bootId === wanted.bootId &&
    record.nodeCount === wanted.nodeCount
  );
}

export async function currentBootId(): Promise<string> {
  return ((await readIfThere("/proc/sys/kernel/random/boot_id")) ?? "").trim();
}

/** A record of another shape, by an older rig, is none. */
export function parseClusterRecord(text: string): ClusterRecord | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { index, nodeCount, madeBy, bootId } = value as Partial<Record<keyof ClusterRecord, unknown>>;
  if (typeof index !== "number" || typeof nodeCount !== "number") return undefined;
  if (typeof madeBy !== "string" || typeof bootId !== "string") return undefined;
  return { index, nodeCount, madeBy, bootId };
}

function recordPath(name: string): string {
  return join(clusterFolder(name), "cluster.json");
}
