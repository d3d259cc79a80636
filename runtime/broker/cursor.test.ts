import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCursor, parseCursor } from "./cursor.ts";

const alphanumeric = (minLength: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9]{${minLength},16}$`));
const cursors = fc
  .tuple(alphanumeric(1), fc.nat({ max: Number.MAX_SAFE_INTEGER }), alphanumeric(0))
  .map(([epoch, position, witness]) => createCursor(epoch, position, witness));

describe("parseCursor", () => {
  test("reads what createCursor made", () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(parseCursor(cursor.text)).toEqual(cursor);
      }),
    );
  });

  test("every cursor is short and passes in a header without a CORS preflight", () => {
    fc.assert(
      fc.property(cursors, ({ text }) => {
        expect(text).toMatch(/^[A-Za-z0-9._~-]+$/);
        expect(text.length).toBeLessThanOrEqual(64);
      }),
    );
  });

  test.each([
    "",
    "a",
    "a.",
    ".1",
    "a.1.2",
    "a.-1",
    "a.01",
    "a.1-",
    "a.zzzzzzzzzzz",
    "a.1\n",
    "é.1",
    "a b.1",
    "A.1F",
  ])("%j is no cursor", (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});
