/** The benchmark's page: what was promised, what was measured, and the figures that the ratios come from. Pure. */
import type { Peer } from "../peers/peer.ts";
import { median, type Measurement, type Round } from "./measurement.ts";
import type { Verdict } from "./promises.ts";

export interface Circumstances {
  readonly machine: string;
  readonly date: string;
  readonly subscribers: number;
}

type Named = Pick<Peer, "name" | "title">;

export function buildPage(
  circumstances: Circumstances,
  peers: readonly Named[],
  rounds: readonly Round[],
  verdicts: readonly Verdict[],
): string {
  const { machine, date, subscribers } = circumstances;
  return `# Benchmarks

Written by \`./dev bench fan-out\`, which fails when a promise that it measured is not kept. ${date}, ${machine}.

Every server has one core, the load tool another. ${subscribers} subscribers, 100 bytes of data an event, unix sockets
where nothing else is said. ${rounds.length} rounds, in each of which every server is started afresh and measured once; a
ratio is taken within a round, and the median of the rounds is shown. The load tool checks every event for loss,
repeats and order; a server that fails that is not compared.

## Promises

${promiseTable(peers, verdicts)}

## Figures

${figureTable(peers, rounds)}

What they are:

- "Go, one broadcaster" waits for each client's unbuffered channel in turn; "Go, a goroutine a client" gives each a
  small buffer. Both flush every event. Their sources are in \`bench/hubs\`.
- Ours is the bundle of the image with its defaults: topics, ids, a history to resume from, a token for publishing. The
  others do less: the two Go servers and the C loop know no topics and no history.
- "8 publishers": each sends its next event as soon as the last is answered. What has come meanwhile may leave in one
  write a subscriber, and ours does that.
- "One in flight": the next event is sent only when every subscriber has read the last, so nothing can be put together.
- "Own topics": a topic for each subscriber, one event to each in turn, from 8 publishers in batches of 100. Nothing is
  shared between two deliveries.
- CPU counts all of the server's threads, and the kernel's work on their behalf.
- Memory is the growth of the processes' resident memory while the subscribers connect; the kernel's buffers are not in it.
- The C loop does one \`send(2)\` an event and a subscriber and nothing else: what the kernel allows without putting events
  together.
`;
}

export function promiseTable(peers: readonly Named[], verdicts: readonly Verdict[]): string {
  const title = (name: string): string => peers.find((peer) => peer.name === name)?.title ?? name;
  const rows = verdicts.map(({ promised, measured, isReached }) => {
    const { against = [], bound, reach, unit } = promised;
    const sign = bound === "atLeast" ? "≥" : "≤";
    const format = (value: number): string =>
      unit === undefined ? `${value.toFixed(2)} ×` : `${Math.round(value)} ${unit}`;
    return [
      promised.title,
      against.length > 1 ? `the best of: ${against.map(title).join("; ")}` : against.map(title).join(""),
      `${sign} ${unit === undefined ? `${reach} ×` : `${reach} ${unit}`}`,
      measured === undefined ? "not measured" : format(measured),
      measured === undefined ? "" : isReached ? "yes" : "**no**",
    ];
  });
  return table(["", "against", "promised", "measured", "reached"], rows);
}

const columns: readonly {
  readonly title: string;
  readonly metric: keyof Measurement;
  readonly format: (value: number) => string;
}[] = [
  { title: "8 publishers, deliveries/s", metric: "flood", format: thousands },
  { title: "one in flight, deliveries/s", metric: "lockstep", format: thousands },
  { title: "CPU a delivery", metric: "cpuUsPerDelivery", format: (value) => `${value.toFixed(2)} µs` },
  { title: "p50", metric: "p50Ms", format: (value) => `${value.toFixed(1)} ms` },
  { title: "p99", metric: "p99Ms", format: (value) => `${value.toFixed(1)} ms` },
  {
    title: "a subscriber",
    metric: "bytesPerSubscriber",
    format: (value) => `${(value / 1000).toFixed(1)} kB`,
  },
  { title: "own topics, deliveries/s", metric: "ownTopics", format: thousands },
  { title: "publishing, events/s", metric: "publishing", format: thousands },
  { title: "in batches of 100", metric: "batchPublishing", format: thousands },
];

export function figureTable(peers: readonly Named[], rounds: readonly Round[]): string {
  const rows = peers.map(({ name, title }) => [
    title,
    ...columns.map(({ metric, format }) => {
      const values = rounds.map((round) => round[name]?.[metric]).filter((value) => value !== undefined);
      return values.length === 0 ? "" : format(median(values));
    }),
  ]);
  return table(["", ...columns.map(({ title }) => title)], rows);
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} k`;
}

/** Columns are padded, as the formatter would. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
