/**
 * One client's stream: an opening, what it missed (backfill), then live. It is bounded by its sink's back-pressure
 * while it catches up and by the hub's limit while it is live, and it ends once, with a reason.
 */
import { encodeGap } from "./wire.ts";
import type { Cursor } from "./cursor.ts";
import type { Topic } from "./event.ts";
import type { EndReason, GapReason } from "./reasons.ts";
import type { ReplayLog } from "./replay-log.ts";
import type { Seat } from "./subscriber-table.ts";
import type { Sink } from "./sink.ts";

/** One step of a backfill: large enough to be cheap, small enough not to fill a slow client's buffer. */
const BACKFILL_BYTES = 65_536;

/** What a subscription asks of the hub that owns it. */
export interface SubscriptionOwner {
  resume(subscription: Subscription): void;
  leave(subscription: Subscription, reason: EndReason): void;
}

export type BackfillStep = "caught_up" | "blocked" | "more";

export class Subscription {
  readonly topics: readonly Topic[];
  readonly sink: Sink;
  readonly #owner: SubscriptionOwner;
  state: "backfill" | "live" | "ended" = "backfill";
  /** Every event of its topics up to here has been written. */
  position: number;
  /** The hub's tick in which something was last written. */
  writtenAtTick: number;
  readonly endsAtMs: number;
  /** Places in the subscriber table; empty until live. */
  seats: readonly Seat[] = [];
  /** Place in the table's list of all. */
  index = -1;

  constructor(owner: SubscriptionOwner, topics: readonly Topic[], sink: Sink, start: SubscriptionStart) {
    this.#owner = owner;
    this.topics = topics;
    this.sink = sink;
    this.position = start.position;
    this.writtenAtTick = start.writtenAtTick;
    this.endsAtMs = start.endsAtMs;
  }

  /** Told by the sink: it can take more. */
  drained(): void {
    if (this.state === "backfill") this.#owner.resume(this);
  }

  /** Told by the sink: the connection is gone. */
  closed(reason: "client_closed" | "connection_error"): void {
    this.#owner.leave(this, reason);
  }

  /** Writes one page of what it missed. A reader so slow that the history moved on under it is told so. */
  backfill(log: ReplayLog): BackfillStep {
    const page = log.page(this.position, this.topics, BACKFILL_BYTES);
    if (page === undefined) {
      this.tellGap(log.cursorAt(this.position), log.floor, "trimmed");
      return "more";
    }
    if (page.events > 0) this.sink.write(page.bytes);
    this.position = page.upTo;
    if (page.upTo === log.last.position) return "caught_up";
    return this.sink.needsDrain ? "blocked" : "more";
  }

  /** What lies between is lost to this stream; it goes on after `oldest`. */
  tellGap(reached: Cursor, oldest: Cursor, reason: GapReason): void {
    this.sink.write(encodeGap({ requested: reached.text, oldest: oldest.text, reason }));
    this.position = oldest.position;
  }
}

export interface SubscriptionStart {
  readonly position: number;
  readonly writtenAtTick: number;
  readonly endsAtMs: number;
}
