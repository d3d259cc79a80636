import { expect, test } from "vitest";
import { parseUsage } from "./usage.ts";

const status = "Name:\tnode\nVmPeak:\t 9000 kB\nVmHWM:\t    2000 kB\nVmRSS:\t    1000 kB\n";
const stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 250 75 6 7 20 0 11 0 1";

test("CPU is user's and kernel's time, memory the peak", () => {
  expect(parseUsage(status, stat)).toEqual({ cpuSeconds: 3.25, peakBytes: 2_048_000 });
});

test("what is not there is an error, not a zero", () => {
  expect(() => parseUsage("", stat)).toThrow("Cannot read");
  expect(() => parseUsage(status, "")).toThrow("Cannot read");
});
