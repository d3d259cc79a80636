/** Publishers that repeat a batch with its key until it is stored, as a careful client does. */
import { setTimeout as delay } from "node:timers/promises";
import { batchOf } from "#runtime/backplanes/contract.ts";
import type { Backplane } from "#runtime/broker/backplane.ts";

export class SteadyPublishers {
  /** Cursor of what was answered as stored -> its data. */
  readonly acknowledged = new Map<string, string>();
  readonly outcomes = { stored: 0, repeated: 0, refused: 0, unknown: 0 };
  readonly #backplanes: readonly Backplane[];
  readonly #running: readonly Promise<void>[];
  #isStopping = false;
  #next = 0;

  /** Each publisher sends its next event when the last one is stored, through one backplane after the other. */
  constructor(backplanes: readonly Backplane[], publishers: number, pauseMs: number) {
    this.#backplanes = backplanes;
    this.#running = Array.from({ length: publishers }, () => this.#publish(pauseMs));
  }

  /** Resolves once what is under way is stored. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  /** Resolves once so many more have been stored. */
  async stored(more: number): Promise<void> {
    const target = this.acknowledged.size + more;
    while (this.acknowledged.size < target) await delay(10);
  }

  async #publish(pauseMs: number): Promise<void> {
    while (!this.#isStopping) {
      const name = `event ${this.#next++}`;
      for (let attempt = 0; !(await this.#attempt(name, attempt)); attempt++) await delay(50);
      await delay(pauseMs);
    }
  }

  async #attempt(name: string, attempt: number): Promise<boolean> {
    const backplane = this.#backplanes[(this.#next + attempt) % this.#backplanes.length];
    const outcome = await backplane?.append({ ...batchOf(name), key: name });
    if (outcome === undefined) throw new Error("Cannot publish: there is no backplane");
    if (outcome.kind !== "stored") {
      this.outcomes[outcome.kind]++;
      return false;
    }
    this.outcomes[outcome.repeated ? "repeated" : "stored"]++;
    this.acknowledged.set(outcome.cursors[0]?.text ?? "", name);
    return true;
  }
}
