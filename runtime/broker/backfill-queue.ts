/** Takes turns among the subscribers that catch up, so that a storm of them leaves the event loop its other work. */
import type { Scheduler } from "./scheduler.ts";
import type { Subscription } from "./subscription.ts";

/** Steps before other work of the event loop gets its turn. */
const SLICE = 64;

export class BackfillQueue {
  readonly #scheduler: Scheduler;
  readonly #step: (subscription: Subscription) => void;
  #waiting: Subscription[] = [];
  #isScheduled = false;

  /** `step` may push the subscription again. */
  constructor(scheduler: Scheduler, step: (subscription: Subscription) => void) {
    this.#scheduler = scheduler;
    this.#step = step;
  }

  push(subscription: Subscription): void {
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
    for (const subscription of turn) this.#step(subscription);
    this.#schedule();
  };
}
