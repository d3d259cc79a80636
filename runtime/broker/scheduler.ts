/** Time, the turns of the event loop and randomness, as the broker sees them: a test's is a plain object. */
export interface Scheduler {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** CPU time that this thread has used, in milliseconds. */
  cpuMs(): number;
  /** Runs in a later turn of the event loop, after pending input and output had their chance. */
  soon(run: () => void): void;
  /** Runs once, `ms` from now. */
  after(ms: number, run: () => void): void;
  /** Runs every `periodMs` until the returned function is called. */
  every(periodMs: number, run: () => void): () => void;
  /** From 0 up to, not including, 1. */
  random(): number;
}
