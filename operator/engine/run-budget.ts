/** How often one key may run: a burst, then a steady rate, so that somebody who keeps undoing our work gets no hot loop. */

export type RunBudgetOptions = { burst: number; perSecond: number };

export class RunBudget {
  readonly #burst: number;
  readonly #intervalMs: number;
  /** When the burst of a key will be whole again: one interval away for each run spent. */
  readonly #wholeAtMs = new Map<string, number>();

  constructor({ burst, perSecond }: RunBudgetOptions) {
    this.#burst = burst;
    this.#intervalMs = 1000 / perSecond;
  }

  get size(): number {
    return this.#wholeAtMs.size;
  }

  /** How long the next run of this key has to wait; 0 while the burst lasts. */
  waitMs(key: string, nowMs: number): number {
    const spentMs = (this.#wholeAtMs.get(key) ?? nowMs) - nowMs;
    return Math.max(0, spentMs - (this.#burst - 1) * this.#intervalMs);
  }

  spend(key: string, nowMs: number): void {
    this.#wholeAtMs.set(key, Math.max(nowMs, this.#wholeAtMs.get(key) ?? nowMs) + this.#intervalMs);
  }

  /** Forgets the keys whose burst is whole again. */
  prune(nowMs: number): void {
    for (const [key, wholeAt] of this.#wholeAtMs) if (wholeAt <= nowMs) this.#wholeAtMs.delete(key);
  }
}
