/**
 * Carries new events to the live subscribers, in passes: what arrived since the last pass goes out as one write per
 * subscriber. A pass works in slices and yields the event loop between them. No HTTP, no clock.
 */
import { joinBlocks } from "./replay-log.ts";
import { createCursor, type Cursor } from "./cursor.ts";
import { Pace } from "./pace.ts";
import type { StoredEvent } from "./event.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Channel, Seat, SubscriberTable } from "./subscriber-table.ts";
import type { Subscription } from "./subscription.ts";

/** Subscribers served before other work of the event loop gets its turn. */
const SLICE = 256;
/** What has come to so much waits no longer: a larger write would fill a subscriber's buffer at once. */
const BURST_BYTES = 65_536;

/** Writes to one subscriber, or cuts it; the hub decides. */
export type Deliver = (subscription: Subscription, bytes: Buffer, events: number) => void;

export class FanOut {
  readonly #table: SubscriberTable;
  readonly #scheduler: Scheduler;
  readonly #deliver: Deliver;
  readonly #pace: Pace;
  #incoming: StoredEvent[] = [];
  #incomingBytes = 0;
  #next: "none" | "waiting" | "soon" = "none";
  /** The channels with events in this pass; those before `#channelIndex` are done. */
  #channels: Channel[] = [];
  #channelIndex = 0;
  /** Seats from here up are done. Downwards, because the last one takes the seat of one that leaves. */
  #seatIndex = 0;
  /** The current channel's batch, as one buffer. */
  #bytes: Buffer = Buffer.alloc(0);
  #delivered = createCursor("0", 0);
  #target = this.#delivered;

  constructor(table: SubscriberTable, scheduler: Scheduler, deliver: Deliver) {
    this.#table = table;
    this.#scheduler = scheduler;
    this.#deliver = deliver;
    this.#pace = new Pace(scheduler);
  }

  /** Every live subscriber has been given everything up to here; some may be further. */
  get delivered(): Cursor {
    return this.#delivered;
  }

  push(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#incoming.push(event);
      this.#incomingBytes += event.block.length;
    }
    this.#schedule();
  }

  /** Delivers all that was pushed, and goes on from `floor` with the next push. */
  begin(floor: Cursor): void {
    while (this.#isBusy()) this.#runSlice(Number.POSITIVE_INFINITY);
    this.#delivered = floor;
    this.#target = floor;
  }

  #isBusy(): boolean {
    return this.#isInPass() || this.#incoming.length > 0;
  }

  #isInPass(): boolean {
    return this.#target !== this.#delivered;
  }

  #schedule(): void {
    if (this.#next === "soon") return;
    const waitMs = this.#isUrgent() ? 0 : this.#pace.waitMs();
    if (waitMs === 0) {
      this.#next = "soon";
      this.#scheduler.soon(this.#turn);
    } else if (this.#next === "none") {
      this.#next = "waiting";
      this.#scheduler.after(waitMs, this.#onWaited);
    }
  }

  #isUrgent(): boolean {
    return this.#isInPass() || this.#incomingBytes >= BURST_BYTES;
  }

  readonly #onWaited = (): void => {
    if (this.#next === "waiting") this.#turn();
  };

  readonly #turn = (): void => {
    this.#next = "none";
    if (this.#isBusy()) this.#runSlice(SLICE);
    if (this.#isBusy()) this.#schedule();
  };

  #runSlice(size: number): void {
    if (!this.#isInPass()) this.#beginPass();
    for (let left = size; left > 0; left--) {
      const seat = this.#nextSeat();
      if (seat === undefined) return this.#endPass();
      this.#serve(seat);
    }
  }

  #beginPass(): void {
    this.#pace.passBegins();
    for (const event of this.#incoming) {
      const channel = this.#table.channel(event.topic);
      if (channel?.batch.push(event) === 1) this.#channels.push(channel);
      this.#target = event.cursor;
    }
    this.#incoming = [];
    this.#incomingBytes = 0;
    this.#openChannel(0);
  }

  #endPass(): void {
    for (const channel of this.#channels) channel.batch = [];
    this.#channels = [];
    this.#delivered = this.#target;
    this.#pace.passEnds();
  }

  #openChannel(index: number): void {
    this.#channelIndex = index;
    this.#seatIndex = Number.POSITIVE_INFINITY;
    const channel = this.#channels[index];
    if (channel !== undefined) this.#bytes = joinEvents(channel.batch);
  }

  #nextSeat(): Seat | undefined {
    let channel = this.#channels[this.#channelIndex];
    while (channel !== undefined) {
      this.#seatIndex = Math.min(this.#seatIndex, channel.seats.length) - 1;
      if (this.#seatIndex >= 0) return channel.seats[this.#seatIndex];
      this.#openChannel(this.#channelIndex + 1);
      channel = this.#channels[this.#channelIndex];
    }
    return undefined;
  }

  #serve({ subscription, channel }: Seat): void {
    const { position } = subscription;
    if (position >= this.#target.position) return;
    subscription.position = this.#target.position;
    if (position <= this.#delivered.position && isOnlyBusyChannel(subscription.seats)) {
      return this.#deliver(subscription, this.#bytes, channel.batch.length);
    }
    const events = eventsAfter(position, subscription.seats);
    if (events.length > 0) this.#deliver(subscription, joinEvents(events), events.length);
  }
}

function isOnlyBusyChannel(seats: readonly Seat[]): boolean {
  if (seats.length === 1) return true;
  let busy = 0;
  for (const seat of seats) if (seat.channel.batch.length > 0) busy++;
  return busy === 1;
}

/** This pass' events for a subscriber of several busy topics, or for one that joined in the middle of them. */
function eventsAfter(position: number, seats: readonly Seat[]): StoredEvent[] {
  const events = seats.flatMap((seat) =>
    seat.channel.batch.filter((event) => event.cursor.position > position),
  );
  return events.sort((a, b) => a.cursor.position - b.cursor.position);
}

function joinEvents(events: readonly StoredEvent[]): Buffer {
  return joinBlocks(events.map((event) => event.block));
}
