/** The broker's Scheduler on Node's event loop. */
import type { Scheduler } from "#runtime/broker/scheduler.ts";

export const nodeScheduler: Scheduler = {
  now: () => performance.now(),
  /** After the turn's input has been read, so that all of it goes out together. */
  soon: (run) => void setImmediate(run),
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
  random: Math.random,
};
