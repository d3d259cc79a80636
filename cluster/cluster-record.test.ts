import { expect, test } from "vitest";
import { isStillGood, parseClusterRecord } from "./cluster-record.ts";

const record = { index: 1, nodeCount: 2, madeBy: "abc", bootId: "boot" };

test("a record is read as it was written, and one of another shape is none", () => {
  expect(parseClusterRecord(JSON.stringify(record))).toEqual(record);
  const others = Object.keys(record).map((key) => JSON.stringify({ ...record, [key]: null }));
  expect(others.filter((text) => parseClusterRecord(text) !== undefined)).toEqual([]);
  expect(parseClusterRecord("null")).toBeUndefined();
});

test("a cluster is kept only as long as rig, machine start and size are the same", () => {
  expect(isStillGood(record, record)).toBe(true);
  expect(isStillGood(undefined, record)).toBe(false);
  const others = [{ nodeCount: 3 }, { madeBy: "another" }, { bootId: "later" }];
  expect(others.filter((other) => isStillGood(record, { ...record, ...other }))).toEqual([]);
});
