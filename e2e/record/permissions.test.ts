/** The operator's rights beside everything that it asked for in the tests of the real cluster. */
import { expect, test } from "vitest";
import { OPERATOR_ACCOUNT } from "#operator/test/product.ts";
import { rightsGranted, rightsUsed, without } from "#operator/test/rights.ts";
import { readRecord } from "./record.ts";

test("the operator asked for nothing that it may not, and was refused nothing", async () => {
  const calls = (await readRecord()).filter(({ user }) => user === OPERATOR_ACCOUNT);
  expect(calls.length).toBeGreaterThan(1_000);
  expect(calls.filter(({ code }) => code === 403)).toEqual([]);
  expect(without(rightsUsed(calls), rightsGranted())).toEqual([]);
});
