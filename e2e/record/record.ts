/** What the API server wrote down while the other tests ran: their cluster's audit log, kept when the cluster was removed. */
import { rm, copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type AuditedCall, readAuditLog } from "#cluster/audit-log.ts";
import { ARTIFACTS } from "../world.ts";

const RECORD = join(ARTIFACTS, "audit.log");

export async function discardRecord(): Promise<void> {
  await rm(RECORD, { force: true });
}

export async function keepRecord(auditLogPath: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  await copyFile(auditLogPath, RECORD);
}

/** Rejects when the tests of the project "cluster" have not run. */
export function readRecord(): Promise<AuditedCall[]> {
  return readAuditLog(RECORD);
}
