import { expect, test } from "vitest";
import { isOlderVersion } from "./resource-version.ts";

test.each([
  ["9", "10", true],
  ["10", "9", false],
  ["10", "10", false],
  ["123456789012345678901", "123456789012345678902", true],
  ["99", "abc", false],
  ["abc", "99", false],
  ["010", "9", false],
  [undefined, "1", false],
  ["1", undefined, false],
])("%s is older than %s: %s", (version, than, expected) => {
  expect(isOlderVersion(version, than)).toBe(expected);
});
