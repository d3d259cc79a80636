/** What is promised of the operator with many services, and the table of it. */
import type { Promised } from "../report/promises.ts";
import type { Measured } from "../report/rounds.ts";
import { megabytes, type Column } from "../report/tables.ts";

export type Metric =
  | "requests"
  | "writes"
  | "seconds"
  | "msPerService"
  | "operatorCpuMs"
  | "storageCpuMs"
  | "controllersCpuMs"
  | "nodesCpuMs"
  | "benchCpuMs"
  | "peakBytes"
  | "idleWrites"
  | "restartSeconds"
  | "restartCpuSeconds"
  | "restartRequests"
  | "restartWrites"
  | "restartBytes";

/** By the number of services. */
export function sizeOf(services: string): Measured<string> {
  return { name: services, title: `${services} services`, isOurs: true };
}

const ALL = "1000";
const SOME = ["100"] as const;

export const SIZES: readonly string[] = [...SOME, "300", ALL];

export const promises: readonly Promised<string, Metric>[] = [
  {
    title: "requests for the whole creation of a service",
    metric: "requests",
    of: ALL,
    bound: "atMost",
    reach: 25,
    unit: "requests",
  },
  {
    title: "the same, as the number of services grows",
    metric: "requests",
    of: ALL,
    against: SOME,
    bound: "atMost",
    reach: 1.1,
  },
  {
    title: "time for a service until the last is Ready, as the number grows",
    metric: "msPerService",
    of: ALL,
    against: SOME,
    bound: "atMost",
    reach: 1.5,
  },
  {
    title: "writes while nothing changes",
    metric: "idleWrites",
    of: ALL,
    bound: "atMost",
    reach: 0,
    unit: "writes",
  },
  {
    title: "writes of a restart",
    metric: "restartWrites",
    of: ALL,
    bound: "atMost",
    reach: 0,
    unit: "writes",
  },
  {
    title: "time until a restarted operator has looked at all",
    metric: "restartSeconds",
    of: ALL,
    bound: "atMost",
    reach: 30,
    unit: "s",
  },
  {
    title: "memory of a restarted operator, at its peak",
    metric: "restartBytes",
    of: ALL,
    bound: "atMost",
    reach: 300_000_000,
    unit: "bytes",
  },
];

const whole = (value: number) => value.toFixed(0);
const tenths = (value: number) => value.toFixed(1);
const seconds = (value: number) => `${value.toFixed(1)} s`;
const milliseconds = (value: number) => `${value.toFixed(0)} ms`;

export const columns: readonly Column<Metric>[] = [
  { title: "requests a service", metric: "requests", format: tenths },
  { title: "of them writes", metric: "writes", format: tenths },
  { title: "until the last is Ready", metric: "seconds", format: seconds },
  { title: "a service", metric: "msPerService", format: milliseconds },
  { title: "CPU of the operator, a service", metric: "operatorCpuMs", format: milliseconds },
  { title: "of the API server and etcd", metric: "storageCpuMs", format: milliseconds },
  { title: "of the controllers and the scheduler", metric: "controllersCpuMs", format: milliseconds },
  { title: "of kwok", metric: "nodesCpuMs", format: milliseconds },
  { title: "of the benchmark itself", metric: "benchCpuMs", format: milliseconds },
  { title: "memory of the operator, peak", metric: "peakBytes", format: megabytes },
  { title: "writes while idle", metric: "idleWrites", format: whole },
  { title: "restart", metric: "restartSeconds", format: seconds },
  { title: "its CPU", metric: "restartCpuSeconds", format: seconds },
  { title: "its requests", metric: "restartRequests", format: whole },
  { title: "its writes", metric: "restartWrites", format: whole },
  { title: "its memory, peak", metric: "restartBytes", format: megabytes },
];
