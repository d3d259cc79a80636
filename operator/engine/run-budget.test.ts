import { expect, test } from "vitest";
import { RunBudget } from "./run-budget.ts";

test("a burst, then a steady rate, whole again after a rest", () => {
  const budget = new RunBudget({ burst: 3, perSecond: 2 });
  const waits = [0, 1, 2, 3, 4].map(() => {
    const waitMs = budget.waitMs("a", 0);
    budget.spend("a", 0);
    return waitMs;
  });
  expect(waits).toEqual([0, 0, 0, 500, 1000]);
  expect(budget.waitMs("b", 0)).toBe(0);
  expect(budget.waitMs("a", 1500)).toBe(0);
  expect(budget.waitMs("a", 2500)).toBe(0);
});

test("at the rate itself nobody ever waits", () => {
  const budget = new RunBudget({ burst: 1, perSecond: 2 });
  for (let now = 0; now < 10_000; now += 500) {
    expect(budget.waitMs("a", now)).toBe(0);
    budget.spend("a", now);
  }
});

test("forgets a key only when its burst is whole", () => {
  const budget = new RunBudget({ burst: 3, perSecond: 2 });
  budget.spend("a", 0);
  budget.spend("b", 400);
  budget.prune(500);
  expect(budget.size).toBe(1);
  budget.prune(900);
  expect(budget.size).toBe(0);
});
