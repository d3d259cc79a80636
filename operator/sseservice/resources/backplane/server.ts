/** The managed server's address, sizes and configuration: what its objects and the runtime must agree on. Pure. */
import { backplaneName } from "../../names.ts";
import { historyMaxBytes, type SseService } from "../../spec.ts";

export const SERVER_PORT = 6379;
export const DATA_DIRECTORY = "/data";
export const SERVER_CONFIG_DIRECTORY = "/etc/valkey";
/** The user `valkey` of the official image. */
export const SERVER_USER_ID = 999;

const MEBIBYTE = 1_048_576;
const MIN_MEMORY_BYTES = 64 * MEBIBYTE;
/** A stream entry of 100 bytes takes about twice that, and an idempotency key as much again. */
const MEMORY_PER_HISTORY_BYTE = 4;
/** Rewriting the append-only file copies the pages that change meanwhile. */
const LIMIT_PER_MEMORY_BYTE = 1.5;

/** Bytes that the server may fill with events before it refuses more. */
export function serverMemoryBytes({ spec }: SseService): number {
  return Math.max(MIN_MEMORY_BYTES, historyMaxBytes(spec) * MEMORY_PER_HISTORY_BYTE);
}

/** The container's memory limit, a quantity. */
export function serverMemoryLimit(service: SseService): string {
  const bytes = serverMemoryBytes(service) * LIMIT_PER_MEMORY_BYTE + 64 * MEBIBYTE;
  return `${Math.ceil(bytes / MEBIBYTE)}Mi`;
}

export function serverUrl({ name, namespace }: SseService, password: string): string {
  return `redis://:${password}@${backplaneName(name)}.${namespace}.svc:${SERVER_PORT}`;
}

/** Events are on disk within a second, and are refused rather than evicted when the memory is full. */
export function buildServerConf(service: SseService, password: string): string {
  return `bind * -::*
port ${SERVER_PORT}
protected-mode no
requirepass ${password}
dir ${DATA_DIRECTORY}
appendonly yes
appendfsync everysec
save ""
maxmemory ${serverMemoryBytes(service)}
maxmemory-policy noeviction
`;
}
