/** Pods' Redis backplanes on a test's server, and what they log. */
import { until } from "#cluster/wait.ts";
import { RedisPubSubBackplane } from "#runtime/backplanes/redis-pubsub.ts";
import { RedisStreamsBackplane, type RedisStreamsOptions } from "#runtime/backplanes/redis-streams.ts";
import type { Backplane } from "#runtime/broker/backplane.ts";

export interface PodOptions extends Partial<RedisStreamsOptions> {
  /** Of a server that needs no more to be reached. */
  readonly url: string;
}

function optionsOf({ url, ...rest }: PodOptions): RedisStreamsOptions {
  return {
    server: { readUrl: async () => url, readCa: async () => undefined, answerTimeoutMs: 1_500 },
    prefix: "test:",
    service: "shop/orders",
    history: { maxEvents: 5_000, maxAgeMs: 3_600_000, maxBytes: 100_000_000 },
    keyTtlMs: 60_000,
    minReplicas: 0,
    pageSize: 500,
    now: () => performance.now(),
    log: { info: () => {}, warn: () => {} },
    ...rest,
  };
}

export function createStreamsPod(options: PodOptions): RedisStreamsBackplane {
  return new RedisStreamsBackplane(optionsOf(options));
}

/** Resolves once it can append. */
export async function openStreamsPod(options: PodOptions): Promise<RedisStreamsBackplane> {
  const backplane = createStreamsPod(options);
  await untilUp(backplane);
  return backplane;
}

export async function openPubSubPod(options: PodOptions): Promise<RedisPubSubBackplane> {
  const backplane = new RedisPubSubBackplane(optionsOf(options));
  await untilUp(backplane);
  return backplane;
}

export async function untilUp(backplane: Backplane): Promise<void> {
  await until("the backplane is up", () => backplane.health().state === "up", {
    timeoutMs: 20_000,
    intervalMs: 10,
  });
}
