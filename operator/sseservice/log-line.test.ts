import { expect, test } from "vitest";
import { lastLogLine } from "./log-line.ts";

test.each([
  ["", undefined],
  ["\n \n", undefined],
  ["one\ntwo\n\n", "two"],
  ['{"level":60,"msg":"Cannot go on","err":{"type":"Error","message":"no port"}}\n', "Cannot go on: no port"],
  ['{"level":60,"msg":"Cannot go on"}', "Cannot go on"],
  ['{"level":60,"msg":"cut o', '{"level":60,"msg":"cut o'],
  ["2026/01/01 00:00:00 [emerg] 1#1: no such file", "[emerg] 1#1: no such file"],
  ["2026-01-01T00:00:00.123Z failed", "failed"],
  ["x".repeat(400), `${"x".repeat(300)}...`],
])("of %j is %j", (log, line) => {
  expect(lastLogLine(log)).toBe(line);
});
