/** What topics cost the runtime, what is promised of it, and how it is shown. */
import type { Promised } from "../report/promises.ts";
import type { Measured } from "../report/rounds.ts";
import { kilobytes, type Column } from "../report/tables.ts";

export interface TopicFigures {
  /** Of a subscriber who shares its topic with all others. */
  readonly bytesPerSubscriber: number;
  /** What a topic of its own adds to that. */
  readonly bytesPerTopic: number;
  /** Of a topic whose subscriber is gone. */
  readonly bytesLeftPerTopic: number;
}

type Metric = keyof TopicFigures;

export const subject: Measured<"runtime"> = { name: "runtime", title: "this runtime", isOurs: true };

const memory = { of: "runtime", bound: "atMost", unit: "bytes" } as const;

export const promises: readonly Promised<"runtime", Metric>[] = [
  { title: "memory per topic", metric: "bytesPerTopic", ...memory, reach: 1_000 },
  {
    title: "memory per topic once its subscriber is gone",
    metric: "bytesLeftPerTopic",
    ...memory,
    reach: 50,
  },
];

export const columns: readonly Column<Metric>[] = [
  { title: "a subscriber", metric: "bytesPerSubscriber", format: kilobytes },
  { title: "a topic", metric: "bytesPerTopic", format: bytes },
  { title: "a topic that is gone", metric: "bytesLeftPerTopic", format: bytes },
];

export const notes = `It is what the runtime's heap and Buffers hold right after a garbage collection. All is measured in one process, which
has served as many streams before, so that what they leave behind for the next ones is not taken for memory of topics.`;

function bytes(value: number): string {
  return `${Math.round(value)} bytes`;
}
