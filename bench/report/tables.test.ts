import { expect, test } from "vitest";
import { median } from "./rounds.ts";
import { figureTable, kilobytes, microseconds, milliseconds, promiseTable, thousands } from "./tables.ts";

const servers = [
  { name: "ours", title: "ours" },
  { name: "other", title: "theirs" },
] as const;

test("the median of an even number of values lies between the middle ones", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test("figures are medians in readable units, and empty where nothing was measured", () => {
  const columns = [
    { title: "speed", metric: "speed", format: thousands },
    { title: "slower", metric: "slower", format: thousands },
    { title: "time", metric: "time", format: milliseconds },
    { title: "work", metric: "work", format: microseconds },
    { title: "memory", metric: "memory", format: kilobytes },
  ] as const;
  const ours = { speed: 612_345, slower: 9_500, time: 20.04, work: 3.456, memory: 3_700 };
  const rounds = [{ ours }, { ours }, { ours: { ...ours, speed: 1 } }];
  const [head, , first, second] = figureTable(servers, columns, rounds).split("\n").map(cells);
  expect(head).toEqual(["", "speed", "slower", "time", "work", "memory"]);
  expect(first).toEqual(["ours", "612 k", "9.5 k", "20.0 ms", "3.46 µs", "3.7 kB"]);
  expect(second).toEqual(["theirs", "", "", "", "", ""]);
});

test("where figures are many, each has a row", () => {
  const columns = [
    { title: "speed", metric: "speed", format: thousands },
    { title: "time", metric: "time", format: milliseconds },
  ] as const;
  const rounds = [{ ours: { speed: 9_500, time: 20 }, other: { speed: 1_000, time: 1 } }];
  const [head, , ...rows] = figureTable(servers, columns, rounds, true).split("\n").map(cells);
  expect(head).toEqual(["", "ours", "theirs"]);
  expect(rows).toEqual([
    ["speed", "9.5 k", "1.0 k"],
    ["time", "20.0 ms", "1.0 ms"],
  ]);
});

test("a promise says what it is compared with and whether it was reached", () => {
  const promised = {
    title: "speed",
    metric: "speed",
    of: "ours",
    against: ["other"],
    bound: "atLeast",
    reach: 4,
  } as const;
  const { against: _, ...alone } = promised;
  const text = promiseTable(servers, [
    { promised, measured: 3.999, isReached: false },
    { promised, measured: 4.2, isReached: true },
    { promised, measured: undefined, isReached: false },
    { promised: { ...alone, unit: "bytes" }, measured: 3_700.4, isReached: true },
    { promised: { ...alone, unit: "s" }, measured: 4.256, isReached: true },
  ]);
  const rows = text.split("\n").slice(2).map(cells);
  expect(rows).toEqual([
    ["speed", "theirs", "≥ 4 ×", "4.00 ×", "**no**"],
    ["speed", "theirs", "≥ 4 ×", "4.20 ×", "yes"],
    ["speed", "theirs", "≥ 4 ×", "not measured", ""],
    ["speed", "", "≥ 4 bytes", "3700 bytes", "yes"],
    ["speed", "", "≥ 4 s", "4.26 s", "yes"],
  ]);
});

function cells(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
