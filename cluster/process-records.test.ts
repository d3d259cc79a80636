import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { hasEnded, parseRecord, parseStat } from "./process-records.ts";

const tail = "S 41 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 4096 1";

test("a command name may hold spaces and parentheses", () => {
  const expected = { pid: 43, parent: 41, state: "S", threads: 1, startTime: "987654" };
  expect(parseStat(`43 (sh) ${tail}`)).toEqual(expected);
  expect(parseStat(`43 (a ) b) S 1 (c) ${tail}`)).toEqual(expected);
});

test("the kernel's own line is understood", async () => {
  const stat = parseStat(await readFile("/proc/self/stat", "utf8"));
  expect(stat).toMatchObject({ pid: process.pid, parent: process.ppid });
});

test.each(["", "43", "43 (sh) S", "x (sh) S"])("%j is no stat line", (line) => {
  expect(parseStat(line)).toBeUndefined();
});

test("half a record is none", () => {
  expect(parseRecord(`boot\n43 (sh) ${tail}\n`)).toEqual({ bootId: "boot", pid: 43, startTime: "987654" });
  expect(parseRecord("boot\n")).toBeUndefined();
  expect(parseRecord(`\n43 (sh) ${tail}\n`)).toBeUndefined();
  expect(parseRecord("")).toBeUndefined();
});

test("a process has ended only when its last thread has", () => {
  const stat = { pid: 1, parent: 1, startTime: "1" };
  expect(hasEnded({ ...stat, state: "Z", threads: 1 })).toBe(true);
  expect(hasEnded({ ...stat, state: "Z", threads: 7 })).toBe(false);
  expect(hasEnded({ ...stat, state: "X", threads: 0 })).toBe(true);
  expect(hasEnded({ ...stat, state: "D", threads: 1 })).toBe(false);
});
