import { expect, test } from "vitest";
import { isGoRecent } from "./prerequisites.ts";

test.each([
  ["go version go1.26.8 linux/amd64", true],
  ["go version go1.24 linux/arm64", true],
  ["go version go1.23.9 linux/amd64", false],
  ["go version go2.0 linux/amd64", true],
  ["", false],
])("%j: %s", (text, expected) => {
  expect(isGoRecent(text)).toBe(expected);
});
