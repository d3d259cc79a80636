/**
 * How far a pod's reading of the log is behind the storing: measured between the backplane and its readers, at the cost
 * of two numbers a batch. No HTTP, no clock.
 */
import type { Backplane, LogReader } from "./backplane.ts";
import { createCursor, type Cursor } from "./cursor.ts";
import type { StoredEvent } from "./event.ts";
import type { Scheduler } from "./scheduler.ts";

/** The worst of a window is told until the next window is over, so that no reading of the metrics misses it. */
const WINDOW_MS = 30_000;
const NOWHERE = createCursor("0", 0);

export class ReadLag {
  readonly #scheduler: Scheduler;
  #stored = NOWHERE;
  #read = NOWHERE;
  /** The history that is read at the start is as old as it is; that is no lag. */
  #isLive = false;
  #windowEndsAtMs = 0;
  #worstMs = 0;
  #previousWorstMs = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** The same backplane, its reader measured. */
  measure(backplane: Backplane): Backplane {
    return {
      append: (batch) => backplane.append(batch),
      health: () => backplane.health(),
      close: () => backplane.close(),
      follow: async (reader) => {
        await backplane.follow(this.#measureReader(reader));
        this.#isLive = true;
      },
    };
  }

  /** To be called with the last cursor of what this pod has stored. */
  stored(cursor: Cursor): void {
    if (cursor.epoch !== this.#stored.epoch || cursor.position > this.#stored.position) this.#stored = cursor;
  }

  /** From an event's storing to its reading: the longest of the last half to whole minute. */
  worstMs(): number {
    this.#turnWindow(this.#scheduler.now());
    return Math.max(this.#worstMs, this.#previousWorstMs);
  }

  /** Events that this pod has stored and not read back. */
  unreadEvents(): number {
    const isSameLog = this.#stored.epoch === this.#read.epoch;
    return isSameLog ? Math.max(0, this.#stored.position - this.#read.position) : 0;
  }

  #measureReader(reader: LogReader): LogReader {
    return {
      begin: (floor, loss) => {
        this.#read = floor;
        // What was lost will not come: it is a gap from now on, and no lag.
        if (loss !== undefined) this.#stored = floor;
        reader.begin(floor, loss);
      },
      append: (events) => {
        this.#observe(events);
        reader.append(events);
      },
    };
  }

  #observe(events: readonly StoredEvent[]): void {
    this.#read = events.at(-1)?.cursor ?? this.#read;
    if (!this.#isLive) return;
    const now = this.#scheduler.now();
    this.#turnWindow(now);
    this.#worstMs = Math.max(this.#worstMs, now - (events[0]?.storedAtMs ?? now));
  }

  #turnWindow(now: number): void {
    if (now < this.#windowEndsAtMs) return;
    const isNext = now < this.#windowEndsAtMs + WINDOW_MS;
    this.#previousWorstMs = isNext ? this.#worstMs : 0;
    this.#worstMs = 0;
    this.#windowEndsAtMs = (isNext ? this.#windowEndsAtMs : now) + WINDOW_MS;
  }
}
