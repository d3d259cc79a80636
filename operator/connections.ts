/**
 * Counts the open streams of each service by asking its pods, so that the status can say how many. Coarse and rare: two
 * significant digits, asked every 30 s, told only when that changes.
 */
import type { V1Pod } from "@kubernetes/client-node";
import { z } from "zod";
import { asKind } from "#operator/kinds.ts";
import { MANAGEMENT_PORT } from "#operator/sseservice/resources/pod-layout.ts";
import type { Watches } from "#operator/watches.ts";

const POLL_INTERVAL_MS = 30_000;
const ANSWER_TIMEOUT_MS = 3_000;

const Stats = z.object({ connections: z.int().min(0) });

export interface ConnectionCounter {
  /** Open streams of a service, rounded; undefined until its pods were asked. */
  count(key: string): number | undefined;
  start(): void;
  stop(): void;
}

export interface ConnectionCounterOptions {
  readonly watches: Pick<Watches, "keys" | "pods">;
  readonly onChange: (key: string) => void;
  /** Answers with the JSON body of a GET; rejects when there is none in time. */
  readonly fetchJson?: (url: string) => Promise<unknown>;
}

export function createConnectionCounter({
  watches,
  onChange,
  fetchJson = fetchJsonInTime,
}: ConnectionCounterOptions): ConnectionCounter {
  const counts = new Map<string, number>();

  async function poll(): Promise<void> {
    const keys = new Set(watches.keys());
    for (const key of counts.keys()) if (!keys.has(key)) counts.delete(key);
    for (const key of keys) await pollService(key);
  }

  async function pollService(key: string): Promise<void> {
    const pods = watches
      .pods(key)
      .flatMap((object) => asKind("Pod", object) ?? [])
      .filter(isReady);
    const total = await sumConnections(pods, fetchJson);
    if (total === undefined) return;
    const rounded = roundCount(total);
    if (counts.get(key) === rounded) return;
    counts.set(key, rounded);
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
    count: (key) => counts.get(key),
    start: () => {
      timer = setInterval(tick, POLL_INTERVAL_MS);
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

/** Undefined when a pod does not answer: a part of the sum would be wrong. */
async function sumConnections(
  pods: readonly V1Pod[],
  fetchJson: (url: string) => Promise<unknown>,
): Promise<number | undefined> {
  const answers = await Promise.allSettled(
    pods.map(async (pod) => Stats.parse(await fetchJson(statsUrl(pod)))),
  );
  let total = 0;
  for (const answer of answers) {
    if (answer.status === "rejected") return undefined;
    total += answer.value.connections;
  }
  return total;
}

function statsUrl({ status }: V1Pod): string {
  const address = status?.podIP ?? "";
  return `http://${address.includes(":") ? `[${address}]` : address}:${MANAGEMENT_PORT}/stats`;
}

function isReady({ status, metadata }: V1Pod): boolean {
  const ready = status?.conditions?.some(
    (condition) => condition.type === "Ready" && condition.status === "True",
  );
  return Boolean(ready && status?.podIP && !metadata?.deletionTimestamp);
}

async function fetchJsonInTime(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  return response.json();
}
