import { expect, test } from "vitest";
import { cursorOf, floorOf, judge, type Place, type Snapshot } from "./continuity.ts";

const place: Place = { epoch: "e", n: 10, ms: 1_000 };

/** A log of the events 6 to 15, of which the reader has read 10. */
function log(changes: Partial<Snapshot>): Snapshot {
  return { epoch: "e", n: 15, ms: 1_500, first: 6, holdsPlace: true, ...changes };
}

test.each<[string, Place | undefined, Snapshot, unknown]>([
  ["a first reading", undefined, log({}), { kind: "begins", loss: undefined }],
  ["more events", place, log({}), { kind: "continues" }],
  ["nothing new", place, log({ n: 10, ms: 1_000 }), { kind: "continues" }],
  ["nothing new, all trimmed", place, log({ n: 10, ms: 1_000, first: undefined }), { kind: "continues" }],
  ["trimmed exactly up to me", place, log({ first: 11, holdsPlace: false }), { kind: "continues" }],
  ["trimmed past me", place, log({ first: 12, holdsPlace: false }), { kind: "begins", loss: "trimmed" }],
  [
    "trimmed altogether",
    place,
    log({ first: undefined, holdsPlace: false }),
    { kind: "begins", loss: "trimmed" },
  ],
  ["another epoch", place, log({ epoch: "f" }), { kind: "begins", loss: "epoch" }],
  ["rolled back", place, log({ n: 9, ms: 900 }), { kind: "rewritten", loss: "ahead" }],
  [
    "rolled back and written to the same length",
    place,
    log({ n: 10 }),
    { kind: "rewritten", loss: "diverged" },
  ],
  [
    "rolled back and written past me",
    place,
    log({ holdsPlace: false }),
    { kind: "rewritten", loss: "diverged" },
  ],
  [
    "a floor whose event was never read",
    { ...place, ms: undefined },
    log({ holdsPlace: false }),
    { kind: "continues" },
  ],
])("%s", (_name, from, seen, verdict) => {
  expect(judge(from, seen)).toEqual(verdict);
});

test("the floor lies before the oldest event held", () => {
  expect(cursorOf(floorOf(log({}))).text).toBe("e.5");
  expect(cursorOf(floorOf(log({ first: 1 }))).text).toBe("e.0");
});

test("the floor of a log that holds nothing is its last event, with its witness", () => {
  expect(cursorOf(floorOf(log({ first: undefined }))).text).toBe("e.f-15o");
  expect(cursorOf(floorOf({ epoch: "e", n: 0, ms: 0, first: undefined, holdsPlace: false })).text).toBe(
    "e.0",
  );
});
