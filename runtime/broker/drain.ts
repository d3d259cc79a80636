/** Spreads the ending of the open streams over a window, so that their clients do not all come back at once. */
import type { Scheduler } from "./scheduler.ts";

const STEP_MS = 50;
/** Few streams need not take the whole window: a hundred ends a second are gentle enough. */
const PACE_MS = 10;

/** Calls `endOne` until `count()` is 0, over at most `windowMs`; resolves then. */
export function endSpread(
  scheduler: Scheduler,
  windowMs: number,
  count: () => number,
  endOne: () => void,
): Promise<void> {
  const durationMs = Math.min(windowMs, count() * PACE_MS);
  let stepsLeft = Math.max(1, Math.ceil(durationMs / STEP_MS));
  return new Promise((resolve) => {
    const stop = scheduler.every(STEP_MS, () => {
      for (let left = Math.ceil(count() / stepsLeft); left > 0; left--) endOne();
      stepsLeft = Math.max(1, stepsLeft - 1);
      if (count() > 0) return;
      stop();
      resolve();
    });
  });
}
