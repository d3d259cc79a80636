import { expect, test } from "vitest";
import { countTests, emptyCount, formatCount, readReport } from "./test-count.ts";

const report = (passed: number, failed: number, pending = 0): string =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
  });

test("the sum over all reports", () => {
  const sum = [report(3, 0), report(4, 2, 1)]
    .map((text) => readReport(text, 0))
    .reduce(countTests, emptyCount);
  expect(formatCount(sum)).toBe("7 passed, 2 failed, 1 skipped");
  expect(formatCount(readReport(report(3, 0), 0))).toBe("3 passed, 0 failed");
});

test("a run that failed without a failed test counts as one failure", () => {
  expect(readReport(report(3, 0), 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  expect(readReport(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(readReport(report(3, 2), 1).failed).toBe(2);
});
