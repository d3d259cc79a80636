/**
 * Whether what the server holds now continues what a reader has read so far. Positions alone cannot tell: a server
 * that lost data counts on from an older one. Pure.
 */
import { createCursor, type Cursor } from "#runtime/broker/cursor.ts";
import type { GapReason } from "#runtime/broker/reasons.ts";

/** Up to where a reader has read. */
export interface Place {
  readonly epoch: string;
  readonly n: number;
  /** Of the event at `n`: with it the entry's identity can be proved. undefined: that event was never read. */
  readonly ms: number | undefined;
}

/** The state of the log at one moment. */
export interface Snapshot {
  readonly epoch: string;
  /** Of the last event ever stored, held or not; 0: none. */
  readonly n: number;
  readonly ms: number;
  /** Position of the oldest event held; undefined: none is held. */
  readonly first: number | undefined;
  /** Whether the event at the reader's place is held. */
  readonly holdsPlace: boolean;
}

export type Verdict =
  | { readonly kind: "continues" }
  /** Read on from the log's floor. */
  | { readonly kind: "begins"; readonly loss: GapReason | undefined }
  /** As `begins`, and nothing but a new epoch can tell the lost events' cursors from those of the new ones. */
  | { readonly kind: "rewritten"; readonly loss: GapReason };

export function judge(place: Place | undefined, seen: Snapshot): Verdict {
  if (place === undefined) return { kind: "begins", loss: undefined };
  if (seen.epoch !== place.epoch) return { kind: "begins", loss: "epoch" };
  if (seen.n < place.n) return { kind: "rewritten", loss: "ahead" };
  if (seen.n === place.n) {
    return place.ms === undefined || place.ms === seen.ms
      ? { kind: "continues" }
      : { kind: "rewritten", loss: "diverged" };
  }
  if (seen.first === undefined || seen.first > place.n + 1) return { kind: "begins", loss: "trimmed" };
  if (seen.first === place.n + 1 || place.ms === undefined || seen.holdsPlace) return { kind: "continues" };
  return { kind: "rewritten", loss: "diverged" };
}

/** The place before the oldest event held; of a log that holds none, the place of the last one it had. */
export function floorOf({ epoch, n, ms, first }: Snapshot): Place {
  if (first === undefined) return { epoch, n, ms };
  return { epoch, n: Math.max(0, first - 1), ms: undefined };
}

export function cursorOf({ epoch, n, ms }: Place): Cursor {
  return createCursor(epoch, n, n === 0 || ms === undefined ? "" : ms.toString(36));
}
