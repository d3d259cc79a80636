import { expect, test } from "vitest";
import { isNews, isOlderVersion } from "./resource-version.ts";

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

test.each([
  ["10", "9", true],
  ["9", "10", false],
  ["10", "10", false],
  ["abc", "abd", true],
  ["1", undefined, true],
  [undefined, undefined, false],
])("%s is news to who knows %s: %s", (version, known, expected) => {
  expect(isNews(version, known)).toBe(expected);
});
