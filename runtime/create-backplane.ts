/** The backplane that the configuration asks for. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MemoryBackplane } from "./backplanes/memory.ts";
import { RedisPubSubBackplane } from "./backplanes/redis-pubsub.ts";
import { RedisStreamsBackplane } from "./backplanes/redis-streams.ts";
import { nodeScheduler } from "./scheduler.ts";
import type { Log } from "./backplanes/redis/log.ts";
import type { ServerOptions } from "./backplanes/redis/primary.ts";
import type { Backplane } from "./broker/backplane.ts";
import type { HistoryLimits } from "./broker/replay-log.ts";
import type { RuntimeConfig } from "./config.ts";

type RedisConfig = Extract<RuntimeConfig["backplane"], { type: "Redis" }>;

/** For so long a publisher may repeat a batch by its key. */
const KEY_TTL_MS = 600_000;
const MAX_KEYS = 100_000;

const ANSWER_TIMEOUT_MS = 3_000;
/** Read at once: enough to be quick, and not so much that it holds up the server or this process. */
const MAX_PAGE_EVENTS = 500;
const MAX_PAGE_BYTES = 33_554_432;

export function createBackplane(config: RuntimeConfig, history: HistoryLimits, log: Log): Backplane {
  switch (config.backplane.type) {
    case "Memory":
      return new MemoryBackplane({
        epoch: randomBytes(5).toString("hex"),
        history,
        keys: { maxKeys: MAX_KEYS, maxAgeMs: KEY_TTL_MS },
        scheduler: nodeScheduler,
      });
    case "Redis":
      return createRedisBackplane(config.backplane, pageSize(config), history, log);
  }
}

function createRedisBackplane(
  { mode, prefix, service, minReplicas, ...place }: RedisConfig,
  pageSize: number,
  history: HistoryLimits,
  log: Log,
): Backplane {
  const server = serverOptions(place);
  const shared = { server, prefix, service, keyTtlMs: KEY_TTL_MS, now: () => nodeScheduler.now(), log };
  return mode === "PubSub"
    ? new RedisPubSubBackplane(shared)
    : new RedisStreamsBackplane({ ...shared, history, minReplicas, pageSize });
}

function serverOptions({
  url,
  urlFile,
  caFile,
}: Pick<RedisConfig, "url" | "urlFile" | "caFile">): ServerOptions {
  return {
    readUrl: async () => (urlFile === undefined ? (url ?? "") : await readFile(urlFile, "utf8")),
    readCa: async () => (caFile === undefined ? undefined : await readFile(caFile, "utf8")),
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  };
}

function pageSize({ limits }: RuntimeConfig): number {
  return Math.max(1, Math.min(MAX_PAGE_EVENTS, Math.floor(MAX_PAGE_BYTES / limits.maxEventBytes)));
}
