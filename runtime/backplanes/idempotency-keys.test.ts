import { expect, test } from "vitest";
import { createCursor } from "#runtime/broker/cursor.ts";
import { IdempotencyKeys } from "./idempotency-keys.ts";

const cursors = [createCursor("e", 1)];

test("a key is known for its time and not longer", () => {
  const keys = new IdempotencyKeys({ maxKeys: 10, maxAgeMs: 100 });
  keys.remember("a", cursors, 0);
  expect(keys.find("a", 100)).toBe(cursors);
  expect(keys.find("a", 101)).toBeUndefined();
});

test("only so many keys are known; the oldest goes first", () => {
  const keys = new IdempotencyKeys({ maxKeys: 2, maxAgeMs: 100 });
  for (const key of ["a", "b", "c"]) keys.remember(key, cursors, 0);
  expect(["a", "b", "c"].map((key) => keys.find(key, 0) !== undefined)).toEqual([false, true, true]);
});
