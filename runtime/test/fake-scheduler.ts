/** The broker's Scheduler as a plain object: time and turns pass only when a test says so. */
import type { Scheduler } from "#runtime/broker/scheduler.ts";

interface Timer {
  /** undefined: it fires once. */
  readonly periodMs: number | undefined;
  readonly run: () => void;
  dueAtMs: number;
}

export class FakeScheduler implements Scheduler {
  #nowMs = 0;
  #soon: (() => void)[] = [];
  readonly #timers = new Set<Timer>();
  #lostMs = 0;
  /** Passes at each look at the clock, as if other processes had the core. */
  heldUpMs = 0;
  /** What `random()` answers. */
  randomValue = 0.5;

  now(): number {
    this.#nowMs += this.heldUpMs;
    this.#lostMs += this.heldUpMs;
    return this.#nowMs;
  }

  cpuMs(): number {
    return this.#nowMs - this.#lostMs;
  }

  random(): number {
    return this.randomValue;
  }

  soon(run: () => void): void {
    this.#soon.push(run);
  }

  after(ms: number, run: () => void): void {
    this.#timers.add({ periodMs: undefined, run, dueAtMs: this.#nowMs + ms });
  }

  every(periodMs: number, run: () => void): () => void {
    const timer = { periodMs, run, dueAtMs: this.#nowMs + periodMs };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  get hasPendingTurn(): boolean {
    return this.#soon.length > 0;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** One turn of the event loop: runs what was asked for before it. */
  turn(): void {
    const due = this.#soon;
    this.#soon = [];
    for (const run of due) run();
  }

  /** Turns until nothing is left to do. */
  settle(): void {
    while (this.hasPendingTurn) this.turn();
  }

  /** Fires timers in order, each at its time, and settles after each. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#nextTimer(endMs); timer !== undefined; timer = this.#nextTimer(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueAtMs);
      if (timer.periodMs === undefined) this.#timers.delete(timer);
      else timer.dueAtMs += timer.periodMs;
      timer.run();
      this.settle();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  #nextTimer(endMs: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.dueAtMs <= endMs);
    return due.sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
  }
}
