import { expect, test } from "vitest";
import { measure, median } from "./measurement.ts";
import { figureTable, promiseTable } from "./report.ts";

const peers = [
  { name: "runtime", title: "ours" },
  { name: "nchan", title: "theirs" },
] as const;

const figures = {
  flood: 612_345,
  lockstep: 9_500,
  cpuUsPerDelivery: 3.456,
  p50Ms: 1,
  p99Ms: 20.04,
  bytesPerSubscriber: 3_700,
};

test("the median of an even number of values lies between the middle ones", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test("figures are medians in readable units, and empty where nothing was measured", () => {
  const rounds = [{ runtime: figures }, { runtime: figures }, { runtime: { ...figures, flood: 1 } }];
  const [, , ours, theirs] = figureTable(peers, rounds).split("\n").map(cells);
  expect(ours).toEqual(["ours", "612 k", "9.5 k", "3.46 µs", "1.0 ms", "20.0 ms", "3.7 kB", "", "", ""]);
  expect(theirs).toEqual(["theirs", "", "", "", "", "", "", "", "", ""]);
});

test("a promise says what it is compared with and whether it was reached", () => {
  const promised = {
    title: "speed",
    metric: "flood",
    against: ["nchan"],
    bound: "atLeast",
    reach: 4,
  } as const;
  const text = promiseTable(peers, [
    { promised, measured: 3.999, isReached: false },
    { promised, measured: 4.2, isReached: true },
    { promised, measured: undefined, isReached: false },
  ]);
  const rows = text.split("\n").slice(2).map(cells);
  expect(rows).toEqual([
    ["speed", "theirs", "≥ 4 ×", "4.00 ×", "**no**"],
    ["speed", "theirs", "≥ 4 ×", "4.20 ×", "yes"],
    ["speed", "theirs", "≥ 4 ×", "not measured", ""],
  ]);
});

test("a report of the load tool becomes figures a delivery and a subscriber", () => {
  const phase = { Published: 0, PublishingSeconds: 1, P50Ms: 1, P99Ms: 2, MaxMs: 3 };
  const measured = measure(
    {
      ConnectSeconds: 1,
      BytesBefore: 1_000,
      BytesAfter: 41_000,
      Lost: 0,
      Repeated: 0,
      Orders: 1,
      Phases: [
        { ...phase, Name: "flood", Delivered: 100, Seconds: 2, CpuSeconds: 1 },
        { ...phase, Name: "lockstep", Delivered: 30, Seconds: 3, CpuSeconds: 1 },
        { ...phase, Name: "calm", Delivered: 1_000, Seconds: 10, CpuSeconds: 0.005 },
      ],
    },
    10,
  );
  expect(measured).toEqual({
    flood: 50,
    lockstep: 10,
    cpuUsPerDelivery: 5,
    p50Ms: 1,
    p99Ms: 2,
    bytesPerSubscriber: 4_000,
  });
});

function cells(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
