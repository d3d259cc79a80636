/** What is promised of the operator with many services, and the table of it. */
import type { Promised } from "../report/promises.ts";
import type { Measured } from "../report/rounds.ts";
import type { Column } from "../report/tables.ts";

export type Metric =
  | "requests"
  | "writes"
  | "seconds"
  | "msPerService"
  | "cpuMsPerService"
  | "peakMegabytes"
  | "idleWrites"
  | "restartSeconds"
  | "restartRequests"
  | "restartWrites"
  | "restartMegabytes";

export type Size = "100" | "300" | "1000";

export const sizes: readonly Measured<Size>[] = (["100", "300", "1000"] as const).map((name) => ({
  name,
  title: `${name} services`,
  isOurs: true,
}));

const ALL = "1000";
const SOME = ["100"] as const;

export const promises: readonly Promised<Size, Metric>[] = [
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
    metric: "restartMegabytes",
    of: ALL,
    bound: "atMost",
    reach: 300,
    unit: "MB",
  },
];

const whole = (value: number) => value.toFixed(0);
const seconds = (value: number) => `${value.toFixed(1)} s`;
const milliseconds = (value: number) => `${value.toFixed(0)} ms`;
const megabytes = (value: number) => `${value.toFixed(0)} MB`;

export const columns: readonly Column<Metric>[] = [
  { title: "requests a service", metric: "requests", format: (value) => value.toFixed(1) },
  { title: "of them writes", metric: "writes", format: (value) => value.toFixed(1) },
  { title: "until the last is Ready", metric: "seconds", format: seconds },
  { title: "a service", metric: "msPerService", format: milliseconds },
  { title: "CPU a service", metric: "cpuMsPerService", format: milliseconds },
  { title: "memory, peak", metric: "peakMegabytes", format: megabytes },
  { title: "idle writes", metric: "idleWrites", format: whole },
  { title: "restart", metric: "restartSeconds", format: seconds },
  { title: "its requests", metric: "restartRequests", format: whole },
  { title: "its writes", metric: "restartWrites", format: whole },
  { title: "its memory, peak", metric: "restartMegabytes", format: megabytes },
];
