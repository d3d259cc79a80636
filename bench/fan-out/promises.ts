/** What fan-out is promised to reach, as ratios within one run: machines differ, neighbours on one core do not. */
import type { Promised } from "../report/promises.ts";
import type { PeerName } from "../peers/peer.ts";
import type { Metric } from "./figures.ts";

type FanOutPromise = Promised<PeerName, Metric>;

const GO = ["article", "goroutine"] as const;
const FLOOD = "deliveries/s, 8 publishers";
const LOCKSTEP = "deliveries/s, one event in flight";
const CPU = "CPU per delivery at 2 events/s";
const P99 = "p99 publish → read at 2 events/s";
const MEMORY = "memory per idle subscriber";
const TOPICS = "a topic for each subscriber, deliveries/s, beside one topic and one event in flight";
const VALKEY = "on Valkey Streams instead of memory";
/** 0.7 of the speed is 1/0.7 of the time. */
const VALKEY_SHARE = 0.7;

export const promises: readonly FanOutPromise[] = [
  promise(FLOOD, "flood", { against: ["nchan", ...GO], bound: "atLeast", reach: 4 }),
  promise(FLOOD, "flood", { of: "runtime-tcp", against: ["centrifugo"], bound: "atLeast", reach: 3 }),
  promise(FLOOD, "flood", { against: ["send-loop"], bound: "atLeast", reach: 1.4 }),
  promise(LOCKSTEP, "lockstep", { against: ["nchan", ...GO], bound: "atLeast", reach: 0.9 }),
  promise(LOCKSTEP, "lockstep", { of: "runtime-tcp", against: ["centrifugo"], bound: "atLeast", reach: 0.9 }),
  promise(LOCKSTEP, "lockstep", { against: ["send-loop"], bound: "atLeast", reach: 0.5 }),
  promise(CPU, "cpuUsPerDelivery", { against: ["nchan"], bound: "atMost", reach: 0.85 }),
  promise(CPU, "cpuUsPerDelivery", { against: GO, bound: "atMost", reach: 0.6 }),
  promise(P99, "p99Ms", { against: ["nchan"], bound: "atMost", reach: 0.9 }),
  promise(P99, "p99Ms", { against: GO, bound: "atMost", reach: 0.65 }),
  promise(MEMORY, "bytesPerSubscriber", { bound: "atMost", reach: 6_000, unit: "bytes" }),
  promise(MEMORY, "bytesPerSubscriber", { against: ["nchan"], bound: "atMost", reach: 0.6 }),
  promise(MEMORY, "bytesPerSubscriber", { against: GO, bound: "atMost", reach: 0.25 }),
  promise(TOPICS, "ownTopics", {
    against: ["runtime"],
    againstMetric: "lockstep",
    bound: "atLeast",
    reach: 0.5,
  }),
  promise("publishing, one event a request", "publishing", { against: GO, bound: "atLeast", reach: 0.9 }),
  promise("publishing, NDJSON of 100", "batchPublishing", {
    against: GO,
    againstMetric: "publishing",
    bound: "atLeast",
    reach: 10,
  }),
  onValkey(FLOOD, "flood", "atLeast"),
  onValkey(LOCKSTEP, "lockstep", "atLeast"),
  onValkey(CPU, "cpuUsPerDelivery", "atMost"),
];

function promise(
  title: string,
  metric: Metric,
  rest: Omit<FanOutPromise, "title" | "metric" | "of"> & Partial<Pick<FanOutPromise, "of">>,
): FanOutPromise {
  return { title, metric, of: "runtime", ...rest };
}

function onValkey(title: string, metric: Metric, bound: "atLeast" | "atMost"): FanOutPromise {
  const reach = bound === "atLeast" ? VALKEY_SHARE : Math.round(100 / VALKEY_SHARE) / 100;
  return { title: `${VALKEY}: ${title}`, metric, of: "runtime-valkey", against: ["runtime"], bound, reach };
}
