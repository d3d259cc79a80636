/** What is measured of each server, and how it is shown. */
import { bytesPerSubscriber, cpuUsPerDelivery, deliveryRate, phaseOf } from "../load/figures.ts";
import type { LoadReport } from "../load/load.ts";
import { kilobytes, microseconds, milliseconds, thousands, type Column } from "../report/tables.ts";

export interface FanOutFigures {
  /** Deliveries a second with 8 publishers. */
  readonly flood: number;
  /** Deliveries a second when the next event waits until everybody has the last. */
  readonly lockstep: number;
  /** At 2 events a second. */
  readonly cpuUsPerDelivery: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytesPerSubscriber: number;
  /** Events a second from 8 publishers to one subscriber; only of the servers that promises compare. */
  readonly publishing?: number;
  readonly batchPublishing?: number;
  /** Deliveries a second when every subscriber has a topic of its own, from 8 publishers in batches of 100. */
  readonly ownTopics?: number;
}

export type Metric = keyof FanOutFigures;

export function measureSharedTopic(report: LoadReport, subscribers: number): FanOutFigures {
  const calm = phaseOf(report, "calm");
  return {
    flood: deliveryRate(phaseOf(report, "flood")),
    lockstep: deliveryRate(phaseOf(report, "lockstep")),
    cpuUsPerDelivery: cpuUsPerDelivery(calm),
    p50Ms: calm.P50Ms,
    p99Ms: calm.P99Ms,
    bytesPerSubscriber: bytesPerSubscriber(report, subscribers),
  };
}

export const columns: readonly Column<Metric>[] = [
  { title: "8 publishers, deliveries/s", metric: "flood", format: thousands },
  { title: "one in flight, deliveries/s", metric: "lockstep", format: thousands },
  { title: "CPU a delivery", metric: "cpuUsPerDelivery", format: microseconds },
  { title: "p50", metric: "p50Ms", format: milliseconds },
  { title: "p99", metric: "p99Ms", format: milliseconds },
  { title: "a subscriber", metric: "bytesPerSubscriber", format: kilobytes },
  { title: "own topics, deliveries/s", metric: "ownTopics", format: thousands },
  { title: "publishing, events/s", metric: "publishing", format: thousands },
  { title: "in batches of 100", metric: "batchPublishing", format: thousands },
];

export const notes = `What they are:

- "Go, one broadcaster" waits for each client's unbuffered channel in turn; "Go, a goroutine a client" gives each a
  small buffer. Both flush every event. Their sources are in \`bench/hubs\`.
- Ours is the bundle of the image with its defaults: topics, ids, a history to resume from, a token for publishing. The
  others do less: the two Go servers and the C loop know no topics and no history.
- "On Valkey Streams" is the same with its history in a Valkey as the operator runs it, which shares the core and whose
  CPU counts too.
- "8 publishers": each sends its next event as soon as the last is answered. What has come meanwhile may leave in one
  write a subscriber, and ours does that.
- "One in flight": the next event is sent only when every subscriber has read the last, so nothing can be put together.
- "Own topics": a topic for each subscriber, one event to each in turn, from 8 publishers in batches of 100. Nothing is
  shared between two deliveries.
- "Publishing": from 8 publishers to one subscriber, after as long a time that warms up; "in batches" are NDJSON.
- CPU counts all of the server's threads, and the kernel's work on their behalf.
- Memory is the growth of the processes' resident memory while the subscribers connect; the kernel's buffers are not in it.
- The C loop does one \`send(2)\` an event and a subscriber and nothing else: what the kernel allows without putting events
  together.`;
