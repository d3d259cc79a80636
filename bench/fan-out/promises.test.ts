import { expect, test } from "vitest";
import type { Measurement, Round } from "./measurement.ts";
import { isBroken, judge, promises } from "./promises.ts";

const figures: Measurement = {
  flood: 100,
  lockstep: 100,
  cpuUsPerDelivery: 10,
  p50Ms: 1,
  p99Ms: 10,
  bytesPerSubscriber: 5_000,
};

const floodPromise = {
  title: "",
  metric: "flood",
  against: ["nchan", "article"],
  bound: "atLeast",
  reach: 4,
} as const;

function round(ours: number, nchan: number, article: number): Round {
  return {
    runtime: { ...figures, flood: ours },
    nchan: { ...figures, flood: nchan },
    article: { ...figures, flood: article },
  };
}

test("a lower bound is about the fastest of the others", () => {
  expect(judge(floodPromise, [round(800, 100, 200)])).toMatchObject({ measured: 4, isReached: true });
  expect(judge(floodPromise, [round(799, 100, 200)])).toMatchObject({ isReached: false });
});

test("an upper bound is about the most frugal of the others", () => {
  const promised = { ...floodPromise, bound: "atMost", reach: 0.5 } as const;
  expect(judge(promised, [round(50, 100, 200)])).toMatchObject({ measured: 0.5, isReached: true });
  expect(judge(promised, [round(51, 100, 200)])).toMatchObject({ isReached: false });
});

test("ratios are taken within a round, and their median counts", () => {
  const rounds = [round(500, 100, 100), round(50, 10, 1), round(100, 100, 100)];
  expect(judge(floodPromise, rounds)).toMatchObject({ measured: 5, isReached: true });
});

test("without others the figure itself counts", () => {
  const promised = { title: "", metric: "bytesPerSubscriber", bound: "atMost", reach: 6_000 } as const;
  expect(judge(promised, [round(1, 1, 1)])).toMatchObject({ measured: 5_000, isReached: true });
});

test("what was not measured of everybody is neither kept nor broken", () => {
  const { article: _, ...without } = round(800, 100, 200);
  const verdict = judge(floodPromise, [without, round(800, 100, 200)]);
  expect(verdict).toMatchObject({ measured: undefined, isReached: false });
  expect(isBroken(verdict)).toBe(false);
  expect(isBroken(judge(floodPromise, [round(1, 1, 1)]))).toBe(true);
});

test("a batch is compared with the others' single events", () => {
  const promised = promises.find(({ metric }) => metric === "batchPublishing");
  const measured = {
    runtime: { ...figures, publishing: 90, batchPublishing: 1_000 },
    article: { ...figures, publishing: 100 },
    goroutine: { ...figures, publishing: 50 },
  };
  expect(judge(promised ?? floodPromise, [measured])).toMatchObject({ measured: 10, isReached: true });
});
