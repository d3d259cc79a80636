import { expect, test } from "vitest";
import { bytesFromQuantity } from "./quantity.ts";

test.each([
  ["64Mi", 67_108_864],
  ["1G", 1_000_000_000],
  ["1.5Ki", 1_536],
  ["1500m", 1],
  [4_096, 4_096],
])("%s is %i bytes", (quantity, bytes) => {
  expect(bytesFromQuantity(quantity)).toBe(bytes);
});

test.each(["", "Mi", "1 Mi", "1Xi", "-1"])("%j is no quantity", (text) => {
  expect(() => bytesFromQuantity(text)).toThrow(/Cannot read quantity/);
});
