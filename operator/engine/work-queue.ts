/**
 * Which key runs next. One run per key at a time; a key that is added again while it waits is folded into one run, while it
 * runs it gets one more run afterwards. Knows nothing of what a run is.
 */
import type { Clock } from "./clock.ts";

/** `low` is served only when nothing normal waits. */
export type Priority = "normal" | "low";

export type WorkItem = { key: string; priority: Priority; waitedMs: number };

type Waiting = { priority: Priority; sinceMs: number };
type Delay = { dueMs: number; cancel: () => void };

export class WorkQueue {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  readonly #waiting = { normal: new Map<string, number>(), low: new Map<string, number>() };
  readonly #running = new Set<string>();
  readonly #addedWhileRunning = new Map<string, Waiting>();
  readonly #delays = new Map<string, Delay>();
  #closed = false;
  #adds = 0;

  /** `onReady` is called when a key may have become ready to be taken. */
  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  /** Keys that could be taken now, without the delayed and the running ones. */
  get depth(): Readonly<Record<Priority, number>> {
    return { normal: this.#waiting.normal.size, low: this.#waiting.low.size };
  }

  /** Since the beginning, without those that were folded into one that waited. */
  get adds(): number {
    return this.#adds;
  }

  get delayed(): number {
    return this.#delays.size;
  }

  /** Now; replaces a delayed add of the same key. */
  add(key: string, priority: Priority = "normal"): void {
    if (this.#closed) return;
    this.#cancelDelay(key);
    if (!this.#isWaiting(key)) this.#adds += 1;
    const added = { priority, sinceMs: this.#clock.now() };
    if (!this.#running.has(key)) return this.#enqueue(key, added);
    if (this.#addedWhileRunning.get(key)?.priority !== "normal") this.#addedWhileRunning.set(key, added);
  }

  /** Later. Nothing happens if the key waits already; of two delayed adds the earlier one counts. */
  addAfter(key: string, delayMs: number, priority: Priority = "normal"): void {
    const dueMs = this.#clock.now() + delayMs;
    const knownDueMs = this.#delays.get(key)?.dueMs ?? Infinity;
    if (this.#closed || this.#isWaiting(key) || knownDueMs <= dueMs) return;
    this.#cancelDelay(key);
    const cancel = this.#clock.after(delayMs, () => this.add(key, priority));
    this.#delays.set(key, { dueMs, cancel });
  }

  /** The next key, which counts as running until `done`; `undefined` when none can run. */
  take(): WorkItem | undefined {
    const priority = this.#waiting.normal.size > 0 ? "normal" : "low";
    const [first] = this.#waiting[priority];
    if (first === undefined) return undefined;
    const [key, sinceMs] = first;
    this.#waiting[priority].delete(key);
    this.#running.add(key);
    return { key, priority, waitedMs: this.#clock.now() - sinceMs };
  }

  done(key: string): void {
    this.#running.delete(key);
    const again = this.#addedWhileRunning.get(key);
    this.#addedWhileRunning.delete(key);
    if (again !== undefined) this.#enqueue(key, again);
  }

  /** Drops everything that waits and takes nothing more. */
  close(): void {
    this.#closed = true;
    for (const key of this.#delays.keys()) this.#cancelDelay(key);
    this.#waiting.normal.clear();
    this.#waiting.low.clear();
    this.#addedWhileRunning.clear();
  }

  #enqueue(key: string, { priority, sinceMs }: Waiting): void {
    const { normal, low } = this.#waiting;
    if (normal.has(key)) return;
    const since = low.get(key) ?? sinceMs;
    if (priority === "normal") low.delete(key);
    this.#waiting[priority].set(key, since);
    this.#onReady();
  }

  #isWaiting(key: string): boolean {
    return this.#waiting.normal.has(key) || this.#waiting.low.has(key) || this.#addedWhileRunning.has(key);
  }

  #cancelDelay(key: string): void {
    this.#delays.get(key)?.cancel();
    this.#delays.delete(key);
  }
}
