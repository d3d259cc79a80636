/**
 * One client's stream: an opening, what it missed (backfill), then live; it ends once, with a reason. Holds its state;
 * what happens to it is decided by the hub.
 */
import type { Topic } from "./event.ts";
import type { EndReason } from "./reasons.ts";
import type { Seat } from "./subscriber-table.ts";
import type { Sink } from "./sink.ts";

/** The hub, as a subscription's sink reaches it. */
export interface SubscriptionOwner {
  resume(subscription: Subscription): void;
  leave(subscription: Subscription, reason: EndReason): void;
}

export interface SubscriptionStart {
  readonly position: number;
  readonly tick: number;
  readonly endsAtMs: number;
  /** Why it ends then. */
  readonly endsWith: "lifetime" | "token_expired";
  readonly heartbeatPhase: number;
}

export class Subscription {
  readonly topics: readonly Topic[];
  readonly sink: Sink;
  readonly endsAtMs: number;
  readonly endsWith: SubscriptionStart["endsWith"];
  readonly heartbeatPhase: number;
  readonly #owner: SubscriptionOwner;
  state: "backfill" | "live" | "ended" = "backfill";
  /** Every event of its topics up to here has been written. While live and quiet it may lag: nothing was to write. */
  position: number;
  /** The hub's tick in which something was last written. */
  writtenAtTick: number;
  /** Places in the table's channels; empty until live. */
  seats: readonly Seat[] = [];
  /** Place in the table's list of all. */
  index = -1;

  constructor(owner: SubscriptionOwner, topics: readonly Topic[], sink: Sink, start: SubscriptionStart) {
    this.#owner = owner;
    this.topics = topics;
    this.sink = sink;
    this.position = start.position;
    this.writtenAtTick = start.tick;
    this.endsAtMs = start.endsAtMs;
    this.endsWith = start.endsWith;
    this.heartbeatPhase = start.heartbeatPhase;
  }

  /** Told by the sink: it can take more. */
  drained(): void {
    if (this.state === "backfill") this.#owner.resume(this);
  }

  /** Told by the sink: the connection is gone. */
  closed(reason: "client_closed" | "connection_error"): void {
    this.#owner.leave(this, reason);
  }
}
