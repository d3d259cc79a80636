/**
 * How soon the next pass may follow. Where whoever reads shares the cores with this process, as a pod's sidecar does, a
 * pass that runs at once takes them from a reader that is still busy with the last. So each waits in proportion to how
 * long the one before was held up by others: they catch up, and what is published meanwhile goes out in the same write.
 * Where cores are free nothing is held up, and nothing waits.
 */
import type { Scheduler } from "./scheduler.ts";

/** With once the time, readers that share one core stay just behind; with more than twice, little is won. */
const PROPORTION = 2;
/** A timer cannot do less. */
const SHORTEST_MS = 1;
/** Of delay that an event can get by this. */
const LONGEST_MS = 20;

export class Pace {
  readonly #scheduler: Pick<Scheduler, "now" | "cpuMs">;
  #lostBefore = 0;
  #nextAtMs = 0;

  constructor(scheduler: Pick<Scheduler, "now" | "cpuMs">) {
    this.#scheduler = scheduler;
  }

  passBegins(): void {
    this.#lostBefore = this.#lostMs(this.#scheduler.now());
  }

  passEnds(): void {
    const now = this.#scheduler.now();
    const heldUpMs = this.#lostMs(now) - this.#lostBefore;
    this.#nextAtMs = now + Math.min(heldUpMs * PROPORTION, LONGEST_MS);
  }

  /** How long the next pass still has to wait. */
  waitMs(): number {
    const waitMs = this.#nextAtMs - this.#scheduler.now();
    return waitMs < SHORTEST_MS ? 0 : waitMs;
  }

  /** Time in which the thread did not run, since whenever. */
  #lostMs(now: number): number {
    return now - this.#scheduler.cpuMs();
  }
}
