import { describe, expect, test } from "vitest";
import { parseEventType, parseTopic } from "./event.ts";

describe.each([
  ["parseTopic", parseTopic],
  ["parseEventType", parseEventType],
])("%s", (_name, parse) => {
  test.each(["a", "orders/42", "https://example.org/x?y=z#1", "grüße 日本 🎉", " ", "x".repeat(200)])(
    "takes %j",
    (name) => {
      expect(parse(name)).toBe(name);
    },
  );

  test.each(["", "a\nb", "a\rb", "a\0b", "tab\t", "\u007F", "\u0085", "\uD800", "x".repeat(201)])(
    "refuses %j",
    (name) => {
      expect(parse(name)).toBeUndefined();
    },
  );
});

test.each(["open", "error", "gap", "hello"])("the event type %s is reserved", (name) => {
  expect(parseEventType(name)).toBeUndefined();
  expect(parseTopic(name)).toBe(name);
});
