/**
 * The port to the shared log: where published events are stored, and how every pod reads them back. One log, one
 * order, whatever the number of topics.
 */
import type { Cursor } from "./cursor.ts";
import type { NewEvent, StoredEvent } from "./event.ts";
import type { GapReason } from "./reasons.ts";

export interface Backplane {
  /**
   * Appends the batch whole or not at all, its events next to each other and in order.
   * - `stored`: every reader will get them, now or after a reconnect. A key that was used before (within the time the
   *   backplane states) stores nothing and answers the first batch's cursors with `repeated`.
   * - `refused`: certainly not stored.
   * - `unknown`: may be stored. Only the same batch with the same key can be sent again without risk of a second event;
   *   the backplane itself never sends a batch twice.
   * Never throws or rejects; answers in bounded time also when the server hangs, and at once where nothing is waited for.
   */
  append(batch: Batch): AppendOutcome | Promise<AppendOutcome>;

  /**
   * Reads the log: first what the history holds, then what is appended, for as long as the backplane is open. Resolves
   * once the history that existed at the call has been handed over; lost connections are the backplane's own to mend.
   * Several readers of one backplane see the same events, in the same order, with the same cursors.
   */
  follow(reader: LogReader): Promise<void>;

  health(): BackplaneHealth;

  /** Ends every follower (no reader is called afterwards); appends after it are refused. Idempotent. */
  close(): Promise<void>;
}

/** A follower of the log; must not throw. */
export interface LogReader {
  /**
   * The log begins here: what was before `floor` will not come. Called once before the first events, with no reason;
   * and again, with one, whenever what follows does not continue what came before.
   */
  begin(floor: Cursor, loss: GapReason | undefined): void;
  /** One or more events; the first is at the position after the last one handed over (or the floor), without holes. */
  append(events: readonly StoredEvent[]): void;
}

export interface Batch {
  readonly events: readonly NewEvent[];
  /** The publisher's idempotency key. */
  readonly key: string | undefined;
}

export type AppendOutcome =
  | { readonly kind: "stored"; readonly cursors: readonly Cursor[]; readonly repeated: boolean }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

export interface BackplaneHealth {
  readonly state: "up" | "down";
  /** What `stored` means: survives the process, the machine, or neither. */
  readonly durability: "process" | "replicated" | "disk";
  /** For people: why it is down, or what puts stored events at risk, and what to do about it. */
  readonly problems: readonly string[];
}
