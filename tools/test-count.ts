/** Sums of test results, and how they are read from vitest's JSON reports. Pure. */

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const emptyCount: TestCount = { passed: 0, failed: 0, skipped: 0 };

export function countTests(first: TestCount, second: TestCount): TestCount {
  return {
    passed: first.passed + second.passed,
    failed: first.failed + second.failed,
    skipped: first.skipped + second.skipped,
  };
}

/** A run that failed without a failed test, such as a file that cannot be loaded, counts as one. */
export function readReport(text: string | undefined, exitStatus: number): TestCount {
  const report: unknown = text === undefined ? {} : JSON.parse(text);
  const read = (name: string): number => {
    const value = typeof report === "object" && report !== null ? Reflect.get(report, name) : undefined;
    return typeof value === "number" ? value : 0;
  };
  const failed = read("numFailedTests");
  return {
    passed: read("numPassedTests"),
    failed: exitStatus !== 0 && failed === 0 ? 1 : failed,
    skipped: read("numPendingTests") + read("numTodoTests"),
  };
}

/** The line by which people and machines know how it went. */
export function formatCount({ passed, failed, skipped }: TestCount): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}
