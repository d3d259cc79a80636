/** What a watch does after a failure. Pure. */
import { backoffMs } from "#operator/engine/backoff.ts";
import type { ClusterError } from "#operator/engine/cluster.ts";

export type Recovery = {
  delayMs: number;
  /** The position is of no use any more: begin again with everything that exists. */
  relist: boolean;
};

const BACKOFF = { baseMs: 500, maxMs: 15_000 };

/** `failures` in a row without any progress, this one included; `random` in [0, 1). */
export function decideRecovery(error: ClusterError, failures: number, random: number): Recovery {
  const delayMs = Math.max(backoffMs(failures, random, BACKOFF), error.retryAfterMs ?? 0);
  return { delayMs, relist: error.kind === "Expired" || isDueToPosition(error, failures) };
}

/**
 * A position from the future (etcd was restored) is answered by silence or by 504, one that is no number by 500, every
 * time. Once may be chance.
 */
function isDueToPosition({ kind }: ClusterError, failures: number): boolean {
  return failures >= 2 && (kind === "Internal" || kind === "Timeout");
}
