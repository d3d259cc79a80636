/**
 * Asks the pods of each service now and then how they are, so that the status can say it. Coarse: connections in two
 * significant digits, told only when something changes.
 */
import { isDeepStrictEqual } from "node:util";
import type { V1Pod } from "@kubernetes/client-node";
import { request } from "undici";
import { z } from "zod";
import { eachAtOnce } from "#operator/engine/at-once.ts";
import { asKind } from "#operator/kinds.ts";
import { MANAGEMENT_PORT } from "#operator/sseservice/resources/pod-layout.ts";
import type { ServiceStats } from "#operator/sseservice/conditions/observation.ts";
import type { Watches } from "#operator/watches.ts";

/** Pods that do not answer take their whole time, and must not keep the others waiting. */
const SERVICES_AT_ONCE = 50;
const ANSWER_TIMEOUT_MS = 3_000;

/** The part of a pod's `/stats` that is of use here. */
const PodStats = z.object({
  connections: z.int().min(0),
  backplane: z.object({ state: z.enum(["up", "down"]), problems: z.array(z.string()).default([]) }),
});

export interface StatsPoller {
  /** What the pods of a service said last; undefined until all of them have answered once. */
  stats(key: string): ServiceStats | undefined;
  start(): void;
  stop(): void;
}

export interface StatsPollerOptions {
  readonly watches: Pick<Watches, "keys" | "pods">;
  readonly onChange: (key: string) => void;
  readonly intervalMs: number;
  /** Answers with the JSON body of a GET; rejects when there is none in time. */
  readonly fetchJson?: (url: string) => Promise<unknown>;
}

export function createStatsPoller(options: StatsPollerOptions): StatsPoller {
  const { watches, onChange, intervalMs, fetchJson = fetchJsonInTime } = options;
  const known = new Map<string, ServiceStats>();

  async function poll(): Promise<void> {
    const keys = new Set(watches.keys());
    for (const key of known.keys()) if (!keys.has(key)) known.delete(key);
    await eachAtOnce(keys, SERVICES_AT_ONCE, pollService);
  }

  async function pollService(key: string): Promise<void> {
    const pods = watches
      .pods(key)
      .flatMap((object) => asKind("Pod", object) ?? [])
      .filter(isRunning);
    const now = await askPods(pods, fetchJson);
    const before = known.get(key);
    if (!now || isDeepStrictEqual(before, now)) return;
    known.set(key, now);
    onChange(key);
  }

  let polling: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  function tick(): void {
    polling ??= poll().finally(() => {
      polling = undefined;
    });
  }
  return {
    stats: (key) => known.get(key),
    start: () => {
      timer = setInterval(tick, intervalMs);
    },
    stop: () => clearInterval(timer),
  };
}

/** Two significant digits, rounded down: 1,234 reads 1,200. */
export function roundCount(count: number): number {
  if (count < 100) return count;
  const unit = 10 ** (Math.floor(Math.log10(count)) - 1);
  return Math.floor(count / unit) * unit;
}

/**
 * Undefined when a ready pod does not answer: a part of the sum would be wrong. One that is not ready is asked because
 * it may know why.
 */
async function askPods(
  pods: readonly V1Pod[],
  fetchJson: (url: string) => Promise<unknown>,
): Promise<ServiceStats | undefined> {
  const answers = await Promise.all(
    pods.map(async (pod) => {
      const answer = await fetchJson(statsUrl(pod))
        .then((body) => PodStats.parse(body))
        .catch(() => undefined);
      return { answer, isMissed: answer === undefined && isReady(pod) };
    }),
  );
  if (answers.some(({ isMissed }) => isMissed)) return undefined;
  const stats = answers.flatMap(({ answer }) => answer ?? []);
  return {
    connections: roundCount(stats.reduce((sum, { connections }) => sum + connections, 0)),
    backplane: worstState(stats),
    problems: [...new Set(stats.flatMap(({ backplane }) => backplane.problems))].sort(),
  };
}

function worstState(stats: readonly z.output<typeof PodStats>[]): ServiceStats["backplane"] {
  if (stats.some(({ backplane }) => backplane.state === "down")) return "down";
  return stats.length > 0 ? "up" : undefined;
}

function statsUrl({ status }: V1Pod): string {
  const address = status?.podIP ?? "";
  return `http://${address.includes(":") ? `[${address}]` : address}:${MANAGEMENT_PORT}/stats`;
}

function isRunning({ status, metadata }: V1Pod): boolean {
  return Boolean(status?.phase === "Running" && status.podIP && !metadata?.deletionTimestamp);
}

function isReady({ status }: V1Pod): boolean {
  return Boolean(
    status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True"),
  );
}

async function fetchJsonInTime(url: string): Promise<unknown> {
  const { body } = await request(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  return body.json();
}
