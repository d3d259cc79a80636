/**
 * Brings subscribers up to the end of the log, page by page and as fast as each of them reads; in turns, so that a
 * storm of them leaves the event loop its other work.
 */
import type { ReplayLog } from "./replay-log.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Subscription } from "./subscription.ts";

/** One page: large enough to be cheap, small enough not to fill a slow client's buffer. */
const PAGE_BYTES = 65_536;
/** Pages before other work of the event loop gets its turn. */
const SLICE = 64;

/** What the hub does for a backfill. */
export interface BackfillHooks {
  write(subscription: Subscription, bytes: Buffer, events: number): void;
  /** The history no longer holds what follows: tell, and go on with the oldest that it holds. */
  fellBehind(subscription: Subscription): void;
  /** It has everything up to the end of the log. */
  caughtUp(subscription: Subscription): void;
}

export class Backfill {
  readonly #log: ReplayLog;
  readonly #scheduler: Scheduler;
  readonly #hooks: BackfillHooks;
  #waiting: Subscription[] = [];
  #isScheduled = false;

  constructor(log: ReplayLog, scheduler: Scheduler, hooks: BackfillHooks) {
    this.#log = log;
    this.#scheduler = scheduler;
    this.#hooks = hooks;
  }

  /** Writes the next page now; whoever has more to read and room for it comes again in a later turn. */
  advance(subscription: Subscription): void {
    if (subscription.state !== "backfill") return;
    const page = this.#log.page(subscription.position, subscription.topics, PAGE_BYTES);
    if (page === undefined) this.#hooks.fellBehind(subscription);
    else {
      subscription.position = page.upTo;
      if (page.events > 0) this.#hooks.write(subscription, page.bytes, page.events);
    }
    if (subscription.position === this.#log.last.position) this.#hooks.caughtUp(subscription);
    else if (!subscription.sink.needsDrain) this.resume(subscription);
  }

  /** Advances it in a later turn. */
  resume(subscription: Subscription): void {
    this.#waiting.push(subscription);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    this.#scheduler.soon(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isScheduled = false;
    const turn = this.#waiting.slice(0, SLICE);
    this.#waiting = this.#waiting.slice(SLICE);
    for (const subscription of turn) this.advance(subscription);
    this.#schedule();
  };
}
