/** A pod that follows the log and remembers what it was told. */
import { vi } from "vitest";
import { LogRecorder } from "#runtime/backplanes/contract.ts";
import type { Backplane } from "#runtime/broker/backplane.ts";

export interface RecordedPod {
  readonly backplane: Backplane;
  readonly reader: LogRecorder;
  /** The reasons of all gaps so far. */
  readonly losses: () => readonly (string | undefined)[];
  readonly close: () => Promise<void>;
}

export async function recordPod(opening: Promise<Backplane>): Promise<RecordedPod> {
  const backplane = await opening;
  const reader = new LogRecorder();
  await backplane.follow(reader);
  return {
    backplane,
    reader,
    losses: () => reader.begins.slice(1).map(({ loss }) => loss),
    close: () => backplane.close(),
  };
}

/** Resolves once the pod was told of so many gaps. */
export async function untilLosses(pod: RecordedPod, count = 1): Promise<void> {
  await vi.waitUntil(() => pod.losses().length >= count, { timeout: 15_000, interval: 10 });
}
