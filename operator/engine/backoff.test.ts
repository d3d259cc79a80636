import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

const OPTIONS = { baseMs: 100, maxMs: 10_000 };

test("doubles from the base to the maximum", () => {
  const ceilings = [1, 2, 3, 7, 8, 9, 1000].map((failures) => backoffMs(failures, 1, OPTIONS));
  expect(ceilings).toEqual([100, 200, 400, 6400, 10_000, 10_000, 10_000]);
});

test("stays between a half and the whole of the ceiling, and never shrinks with more failures", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const ceiling = backoffMs(failures, 1, OPTIONS);
        const delay = backoffMs(failures, random, OPTIONS);
        expect(delay).toBeGreaterThanOrEqual(ceiling / 2);
        expect(delay).toBeLessThanOrEqual(ceiling);
        expect(backoffMs(failures + 1, random, OPTIONS)).toBeGreaterThanOrEqual(delay);
      },
    ),
  );
});
