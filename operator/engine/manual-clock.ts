/** A clock that stands still until a test moves it. For tests only. */
import type { Clock } from "./clock.ts";

export type ManualClock = Clock & {
  /** Moves time and runs what falls due, in the order of its time. */
  advance(byMs: number): void;
  /** Timers that are set now. */
  readonly pending: number;
  /** Time until the next timer. */
  readonly nextDelayMs: number | undefined;
};

export function createManualClock(): ManualClock {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const next = () => [...timers].sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      const end = now + byMs;
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        timers.delete(timer);
        now = timer.at;
        timer.run();
      }
      now = end;
    },
    get pending() {
      return timers.size;
    },
    get nextDelayMs() {
      const timer = next();
      return timer && timer.at - now;
    },
  };
}
