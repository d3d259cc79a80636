import { expect, test } from "vitest";
import { isBroken, judge, type Promised } from "./promises.ts";
import type { Round } from "./rounds.ts";

type Name = "ours" | "one" | "other";
type Metric = "speed" | "memory";

const fast: Promised<Name, Metric> = {
  title: "",
  metric: "speed",
  of: "ours",
  against: ["one", "other"],
  bound: "atLeast",
  reach: 4,
};

function round(ours: number, one: number, other: number): Round<Name, Metric> {
  return { ours: { speed: ours, memory: 5_000 }, one: { speed: one }, other: { speed: other } };
}

test("a lower bound is about the fastest of the others", () => {
  expect(judge(fast, [round(800, 100, 200)])).toMatchObject({ measured: 4, isReached: true });
  expect(judge(fast, [round(799, 100, 200)])).toMatchObject({ isReached: false });
});

test("an upper bound is about the most frugal of the others", () => {
  const promised = { ...fast, bound: "atMost", reach: 0.5 } as const;
  expect(judge(promised, [round(50, 100, 200)])).toMatchObject({ measured: 0.5, isReached: true });
  expect(judge(promised, [round(51, 100, 200)])).toMatchObject({ isReached: false });
});

test("ratios are taken within a round, and their median counts", () => {
  const rounds = [round(500, 100, 100), round(50, 10, 1), round(100, 100, 100)];
  expect(judge(fast, rounds)).toMatchObject({ measured: 5, isReached: true });
});

test("without others the figure itself counts", () => {
  const promised = { title: "", of: "ours", metric: "memory", bound: "atMost", reach: 6_000 } as const;
  expect(judge(promised, [round(1, 1, 1)])).toMatchObject({ measured: 5_000, isReached: true });
});

test("what was not measured of everybody is neither kept nor broken", () => {
  const { other: _, ...without } = round(800, 100, 200);
  const verdict = judge(fast, [without, round(800, 100, 200)]);
  expect(verdict).toMatchObject({ measured: undefined, isReached: false });
  expect(isBroken(verdict)).toBe(false);
  expect(isBroken(judge(fast, [round(1, 1, 1)]))).toBe(true);
});

test("another figure of theirs may be what counts", () => {
  const promised = { ...fast, metric: "memory", againstMetric: "speed", reach: 10 } as const;
  expect(judge(promised, [round(1, 500, 50)])).toMatchObject({ measured: 10, isReached: true });
});
