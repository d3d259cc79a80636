/** The broker's Scheduler on Node's event loop. */
import { threadCpuUsage } from "node:process";
import type { Scheduler } from "#runtime/broker/scheduler.ts";

export const nodeScheduler: Scheduler = {
  now: () => performance.now(),
  cpuMs: () => {
    const { user, system } = threadCpuUsage();
    return (user + system) / 1_000;
  },
  /** After the turn's input has been read, so that all of it goes out together. */
  soon: (run) => void setImmediate(run),
  after: (ms, run) => void setTimeout(run, ms),
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
  random: Math.random,
};
