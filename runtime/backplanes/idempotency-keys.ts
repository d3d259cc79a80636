/** Which batches were stored under which key, for a stated time and a bounded number of keys. */
import type { Cursor } from "#runtime/broker/cursor.ts";

export interface KeyLimits {
  readonly maxKeys: number;
  readonly maxAgeMs: number;
}

interface Remembered {
  readonly cursors: readonly Cursor[];
  readonly atMs: number;
}

export class IdempotencyKeys {
  readonly #limits: KeyLimits;
  /** In the order of insertion, which is that of age. */
  readonly #known = new Map<string, Remembered>();

  constructor(limits: KeyLimits) {
    this.#limits = limits;
  }

  find(key: string, nowMs: number): readonly Cursor[] | undefined {
    this.#forget(nowMs);
    return this.#known.get(key)?.cursors;
  }

  /** The key must not be known. */
  remember(key: string, cursors: readonly Cursor[], nowMs: number): void {
    this.#known.set(key, { cursors, atMs: nowMs });
    this.#forget(nowMs);
  }

  #forget(nowMs: number): void {
    for (const [key, { atMs }] of this.#known) {
      const isDue = this.#known.size > this.#limits.maxKeys || nowMs - atMs > this.#limits.maxAgeMs;
      if (!isDue) return;
      this.#known.delete(key);
    }
  }
}
