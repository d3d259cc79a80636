import { describe, expect, test } from "vitest";
import { parseStreamRequest } from "./stream-request.ts";

const parse = (query: string, lastEventId?: string) =>
  parseStreamRequest(`/status${query}`, lastEventId === undefined ? {} : { "last-event-id": lastEventId }, 3);

describe("topics", () => {
  test.each([
    ["", ["default"]],
    ["?topic=a", ["a"]],
    ["?topic=a&topic=b&topic=a", ["a", "b"]],
    ["?topic=gr%C3%BC%C3%9Fe%2F1&other=x", ["grüße/1"]],
    ["?topic=a+b", ["a b"]],
  ])("%s asks for %j", (query, topics) => {
    expect(parse(query)).toMatchObject({ request: { topics } });
  });

  test.each([
    ["?topic=", "invalid_topic"],
    ["?topic=a&topic=%0A", "invalid_topic"],
    [`?topic=${"x".repeat(201)}`, "invalid_topic"],
    ["?topic=1&topic=2&topic=3&topic=4", "too_many_topics"],
  ])("%s is refused: %s", (query, code) => {
    expect(parse(query)).toMatchObject({ problem: { status: 400, code, field: "topic" } });
  });
});

describe("the cursor", () => {
  test.each([
    ["", undefined, undefined],
    ["?lastEventId=e.1", undefined, "e.1"],
    ["?lastEventId=e.1", "e.2", "e.2"],
    ["?lastEventId=e.1", "", "e.1"],
    ["?lastEventId=", undefined, undefined],
  ])("query %j and header %j resume after %j", (query, header, expected) => {
    expect(parse(query, header)).toMatchObject({ request: { lastEventId: expected } });
  });

  test("one that is too long is not echoed whole", () => {
    expect(parse("", "x".repeat(5_000))).toMatchObject({ request: { lastEventId: "x".repeat(128) } });
  });
});

test("hello is said to those who ask for it", () => {
  expect(parse("?hello=1")).toMatchObject({ request: { wantsHello: true } });
  expect(parse("?hello=0")).toMatchObject({ request: { wantsHello: false } });
});
