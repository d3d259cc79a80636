import { expect, test } from "vitest";
import { type Confidence, nextLookMs, NO_CONFIDENCE, weigh } from "./confidence.ts";
import type { ProbeResult } from "./probe.ts";

const good = (latencyMs = 10): ProbeResult => ({
  kind: "verified",
  finding: "Open",
  latencyMs,
  fingerprint: "F",
});
const bad: ProbeResult = { kind: "failed", failure: { reason: "NoHttp2", message: "m" } };

function weighAll(results: readonly ProbeResult[], from: Confidence = NO_CONFIDENCE): Confidence {
  return results.reduce((confidence, result) => weigh(confidence, result), from);
}

const repeat = (result: ProbeResult, times: number) => Array.from({ length: times }, () => result);

test.each<[string, ProbeResult[], string | undefined]>([
  ["nothing", [], undefined],
  ["one success at first", [good()], "verified"],
  ["a few failures at first", repeat(bad, 5), undefined],
  ["many failures at first", repeat(bad, 6), "failed"],
  ["two failures of a good one", [good(), bad, bad], "verified"],
  ["three failures of a good one", [good(), bad, bad, bad], "failed"],
  ["failures between successes", [good(), bad, bad, good(), bad, bad, good()], "verified"],
  ["two successes of a bad one", [...repeat(bad, 6), good(), good()], "failed"],
  ["three successes of a bad one", [...repeat(bad, 6), good(), good(), good()], "verified"],
])("%s", (_, results, kind) => {
  expect(weighAll(results).verdict?.kind).toBe(kind);
});

test("the latency is that of the look by which it became certain", () => {
  const verdictOf = (...results: ProbeResult[]) => weighAll(results).verdict;
  expect(verdictOf(good(3.2), good(90), bad, good(800))).toMatchObject({ latencyMs: 4 });
  expect(verdictOf(...repeat(bad, 6), good(1), good(2), good(3), good(90))).toMatchObject({ latencyMs: 3 });
});

test("a pod in two that is bad never makes the verdict swing", () => {
  const kinds = new Set<string | undefined>();
  let confidence = weigh(NO_CONFIDENCE, good());
  for (let index = 0; index < 50; index++) {
    confidence = weigh(confidence, index % 2 ? good() : bad);
    kinds.add(confidence.verdict?.kind);
  }
  expect([...kinds]).toEqual(["verified"]);
});

test.each<[string, ProbeResult[], number]>([
  ["soon at first", [bad], 250],
  ["and then less soon", repeat(bad, 3), 1_000],
  ["in some minutes while all is well", [good()], 300_000],
  ["in seconds when a doubt comes up", [good(), bad], 5_000],
  ["every quarter of a minute while it is bad", repeat(bad, 6), 15_000],
  ["at once when it may be good again", [...repeat(bad, 6), good()], 1_000],
])("looks again %s", (_, results, delayMs) => {
  expect(nextLookMs(weighAll(results), () => 0.5)).toBe(delayMs);
});

test("spreads what it does often over many services", () => {
  const confidence = weigh(NO_CONFIDENCE, good());
  expect([nextLookMs(confidence, () => 0), nextLookMs(confidence, () => 1)]).toEqual([240_000, 360_000]);
});
