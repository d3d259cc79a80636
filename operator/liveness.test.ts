import { expect, test } from "vitest";
import { describeHang, type Vitals } from "./liveness.ts";

const DEADLINE_MS = 60_000;
const well: Vitals = { longestRunMs: 0, watches: [{ kind: "Secret", stuckMs: 0 }] };

test("all is well while runs keep their deadline and watches hear or try", () => {
  expect(describeHang({ ...well, longestRunMs: 119_000 }, DEADLINE_MS)).toBeUndefined();
  expect(
    describeHang({ ...well, watches: [{ kind: "Secret", stuckMs: 299_000 }] }, DEADLINE_MS),
  ).toBeUndefined();
});

test("a run far beyond its deadline is a hang", () => {
  expect(describeHang({ ...well, longestRunMs: 121_000 }, DEADLINE_MS)).toBe(
    "a reconcile has lasted 121000 ms",
  );
});

test("a watch that does nothing any more is a hang, and is named", () => {
  const watches = [...well.watches, { kind: "Pod", stuckMs: 301_000 }];
  expect(describeHang({ ...well, watches }, DEADLINE_MS)).toBe(
    "the watch of Pod has done nothing for 301000 ms",
  );
});
