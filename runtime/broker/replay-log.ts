/**
 * The pod's copy of the recent log, bounded by count, age and bytes; what resuming clients are served from. A cursor
 * that it cannot resume from is a value with a reason, never silence. No clock: the time is passed in.
 */
import { createCursor, parseCursor, type Cursor } from "./cursor.ts";
import type { StoredEvent, Topic } from "./event.ts";
import type { GapReason } from "./reasons.ts";

export interface HistoryLimits {
  readonly maxEvents: number;
  readonly maxAgeMs: number;
  /** Of encoded events. */
  readonly maxBytes: number;
}

export type Place =
  | { readonly kind: "held"; readonly cursor: Cursor }
  | { readonly kind: "gap"; readonly reason: GapReason };

/** Some events after a position, as the bytes of one write. */
export interface Page {
  readonly bytes: Buffer;
  readonly events: number;
  /** Everything up to here is in the page or of another topic. */
  readonly upTo: number;
}

const FIRST_CAPACITY = 64;
/** Positions looked at for one page, so that a rare topic's resume does not hold up the event loop. */
const MAX_SCAN = 10_000;

export class ReplayLog {
  readonly #limits: HistoryLimits;
  /** A ring: the event at position p is in slot p modulo the capacity, a power of two. */
  #slots: (StoredEvent | undefined)[] = Array.from({ length: FIRST_CAPACITY });
  #floor = createCursor("0", 0);
  #last = this.#floor;
  #bytes = 0;
  #shared: { topic: Topic; after: number; last: number; page: Page } | undefined;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  /** The place just before the oldest event held: the oldest cursor that can be resumed from. */
  get floor(): Cursor {
    return this.#floor;
  }

  get last(): Cursor {
    return this.#last;
  }

  get size(): number {
    return this.#last.position - this.#floor.position;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Forgets everything and goes on from `floor`. */
  begin(floor: Cursor): void {
    this.#slots = Array.from({ length: FIRST_CAPACITY });
    this.#floor = floor;
    this.#last = floor;
    this.#bytes = 0;
    this.#shared = undefined;
  }

  /** The event's position must be the one after the last. */
  append(event: StoredEvent): void {
    if (this.size === this.#slots.length) this.#grow();
    this.#slots[this.#slot(event.cursor.position)] = event;
    this.#last = event.cursor;
    this.#bytes += event.block.length;
    this.trim(event.storedAtMs);
  }

  trim(nowMs: number): void {
    while (this.size > 0 && this.#exceeds(nowMs)) this.#dropOldest();
  }

  /** Everything held, oldest first. */
  *events(): Generator<StoredEvent> {
    for (let position = this.#floor.position + 1; position <= this.#last.position; position++) {
      const event = this.#at(position);
      if (event !== undefined) yield event;
    }
  }

  /** Where a client that sent `text` stands. */
  find(text: string): Place {
    const cursor = parseCursor(text);
    if (cursor === undefined) return { kind: "gap", reason: "malformed" };
    if (cursor.epoch !== this.#floor.epoch) return { kind: "gap", reason: "epoch" };
    if (cursor.position > this.#last.position) return { kind: "gap", reason: "ahead" };
    if (cursor.position < this.#floor.position) return { kind: "gap", reason: "trimmed" };
    const held = this.cursorAt(cursor.position);
    return this.#isSamePlace(held, text) ? { kind: "held", cursor } : { kind: "gap", reason: "diverged" };
  }

  /** The event at the floor is gone, and with it perhaps its witness; then its position alone must do. */
  #isSamePlace(held: Cursor, text: string): boolean {
    return held.text === text || (held === this.#floor && text.startsWith(`${held.text}-`));
  }

  /** The cursor of a position from the floor to the last one; of the floor for one that is no longer held. */
  cursorAt(position: number): Cursor {
    return this.#at(position)?.cursor ?? this.#floor;
  }

  /**
   * What follows `after` on these topics, at least one event past `maxBytes` aside; undefined when the history no
   * longer holds it. Clients that resume together from one place share one page.
   */
  page(after: number, topics: readonly Topic[], maxBytes: number): Page | undefined {
    if (after < this.#floor.position) return undefined;
    const [topic, another] = topics;
    if (topic === undefined || another !== undefined) return this.#collect(after, topics, maxBytes);
    const shared = this.#shared;
    const last = this.#last.position;
    if (shared?.topic === topic && shared.after === after && shared.last === last) return shared.page;
    const page = this.#collect(after, topics, maxBytes);
    this.#shared = { topic, after, last, page };
    return page;
  }

  #collect(after: number, topics: readonly Topic[], maxBytes: number): Page {
    const blocks: Buffer[] = [];
    const end = Math.min(this.#last.position, after + MAX_SCAN);
    let bytes = 0;
    let position = after;
    while (position < end && bytes < maxBytes) {
      const event = this.#at(++position);
      if (event === undefined || !topics.includes(event.topic)) continue;
      blocks.push(event.block);
      bytes += event.block.length;
    }
    return { bytes: joinBlocks(blocks), events: blocks.length, upTo: position };
  }

  #at(position: number): StoredEvent | undefined {
    if (position <= this.#floor.position || position > this.#last.position) return undefined;
    return this.#slots[this.#slot(position)];
  }

  #slot(position: number): number {
    return position & (this.#slots.length - 1);
  }

  #exceeds(nowMs: number): boolean {
    if (this.size > this.#limits.maxEvents || this.#bytes > this.#limits.maxBytes) return true;
    const oldest = this.#at(this.#floor.position + 1);
    return oldest !== undefined && nowMs - oldest.storedAtMs > this.#limits.maxAgeMs;
  }

  #dropOldest(): void {
    const slot = this.#slot(this.#floor.position + 1);
    const oldest = this.#slots[slot];
    if (oldest === undefined) return;
    this.#slots[slot] = undefined;
    this.#floor = oldest.cursor;
    this.#bytes -= oldest.block.length;
  }

  #grow(): void {
    const smaller = this.#slots;
    this.#slots = Array.from({ length: smaller.length * 2 });
    for (const event of smaller) {
      if (event !== undefined) this.#slots[this.#slot(event.cursor.position)] = event;
    }
  }
}

/** The blocks as the bytes of one write; a single block is handed on without a copy. */
export function joinBlocks(blocks: readonly Buffer[]): Buffer {
  const [first, second] = blocks;
  return first !== undefined && second === undefined ? first : Buffer.concat(blocks);
}
