import { expect, test } from "vitest";
import {
  bitString,
  boolean,
  contentOf,
  type Der,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  partsOf,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";

const hex = (der: Uint8Array) => Buffer.from(der).toString("hex");

/** From X.690, RFC 5280 and what OpenSSL writes. */
test.each<[string, Der, string]>([
  ["a sequence", sequence(boolean(true), boolean(false)), "30060101ff010100"],
  ["a set", set(utf8String("é")), "31040c02c3a9"],
  ["an integer", integer(Uint8Array.of(1, 0)), "02020100"],
  ["bits", bitString(Uint8Array.of(0b0000_0110), 1), "03020106"],
  ["octets", octetString(Uint8Array.of(1, 2)), "04020102"],
  ["an identifier of two bytes a part", objectIdentifier("1.2.840.113549"), "06062a864886f70d"],
  ["an identifier of one byte a part", objectIdentifier("2.5.29.17"), "0603551d11"],
  [
    "the last time of two digits a year",
    time(new Date("2049-12-31T23:59:59.9Z")),
    hexTime("17", "491231235959Z"),
  ],
  ["the first of four", time(new Date("2050-01-01T00:00:00Z")), hexTime("18", "20500101000000Z")],
  ["a type that its context tells", implicit(2, Buffer.from("a")), "820161"],
  ["an element that its context wraps", explicit(3, boolean(true)), "a3030101ff"],
])("%s", (_, der, expected) => {
  expect(hex(der)).toBe(expected);
});

function hexTime(tag: string, text: string): string {
  return `${tag}${text.length.toString(16).padStart(2, "0")}${Buffer.from(text).toString("hex")}`;
}

test.each([
  [0, "0400"],
  [127, "047f"],
  [128, "048180"],
  [255, "0481ff"],
  [256, "04820100"],
  [65_536, "0483010000"],
])("a length of %i, and back", (length, header) => {
  const der = octetString(new Uint8Array(length));
  expect(hex(der).slice(0, header.length)).toBe(header);
  expect(contentOf(der)).toHaveLength(length);
});

test("a sequence is taken apart into what it was made of", () => {
  const parts = [boolean(true), octetString(new Uint8Array(300)), sequence(), integer(Uint8Array.of(7))];
  expect(partsOf(sequence(...parts)).map(hex)).toEqual(parts.map(hex));
  expect(partsOf(sequence())).toEqual([]);
});
