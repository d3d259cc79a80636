/** How a stream begins: where it goes on from, and the block that tells the client. Pure. */
import { encodeGapOpening, encodeOpening } from "./wire.ts";
import type { Cursor } from "./cursor.ts";
import type { GapReason } from "./reasons.ts";
import type { ReplayLog } from "./replay-log.ts";

export interface Opening {
  readonly kind: "fresh" | "resumed" | "gap";
  readonly gap: GapReason | undefined;
  /** The stream goes on with the event after it. */
  readonly start: Cursor;
  readonly block: Buffer;
}

/** After a gap, everything that the history still holds follows: a repeat does less harm than another loss. */
export function openStream(log: ReplayLog, requested: string | undefined, retryMs: number): Opening {
  if (requested === undefined) {
    const start = log.last;
    return { kind: "fresh", gap: undefined, start, block: encodeOpening(retryMs, start.text) };
  }
  const place = log.find(requested);
  if (place.kind === "held") {
    const start = place.cursor;
    return { kind: "resumed", gap: undefined, start, block: encodeOpening(retryMs, start.text) };
  }
  const start = log.floor;
  const block = encodeGapOpening(retryMs, { requested, oldest: start.text, reason: place.reason });
  return { kind: "gap", gap: place.reason, start, block };
}
