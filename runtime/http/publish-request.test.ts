import { describe, expect, test } from "vitest";
import { parseData, parsePublishRequest } from "./publish-request.ts";

const parse = (query: string, headers: Record<string, string> = {}) =>
  parsePublishRequest(new URLSearchParams(query), headers);

describe("the URL", () => {
  test.each([
    ["", { topic: "default", type: undefined }],
    ["topic=a&event=b", { topic: "a", type: "b" }],
    ["event=message", { type: undefined }],
    ["event=", { type: undefined }],
  ])("%j", (query, expected) => {
    expect(parse(query)).toMatchObject(expected);
  });

  test.each([
    ["topic=", "invalid_topic", "topic"],
    ["topic=a%0D", "invalid_topic", "topic"],
    ["topic=a&topic=b", "repeated_parameter", "topic"],
    ["event=a&event=b", "repeated_parameter", "event"],
    ["event=a%0Aid:%20evil", "invalid_event_type", "event"],
    ["event=gap", "invalid_event_type", "event"],
  ])("%j is refused: %s", (query, code, field) => {
    expect(parse(query)).toMatchObject({ status: 400, code, field });
  });
});

describe("the content type", () => {
  test.each([
    {},
    { "content-type": "text/plain" },
    { "content-type": "Text/Plain; Charset=UTF-8" },
    { "content-type": 'application/json; charset="utf-8"' },
    { "content-type": "application/octet-stream" },
    { "content-encoding": "identity" },
  ])("%j is data", (headers) => {
    expect(parse("", headers)).toMatchObject({ isBatch: false });
  });

  test("NDJSON is a batch", () => {
    expect(parse("", { "content-type": "application/x-ndjson" })).toMatchObject({ isBatch: true });
  });

  test.each([
    ["content-type", "application/x-www-form-urlencoded", "unsupported_content_type"],
    ["content-type", "multipart/form-data; boundary=x", "unsupported_content_type"],
    ["content-type", "text/plain; charset=iso-8859-1", "unsupported_charset"],
    ["content-encoding", "gzip", "unsupported_encoding"],
  ])("%s: %s is refused", (name, value, code) => {
    expect(parse("", { [name]: value })).toMatchObject({ status: 415, code, field: name });
  });
});

test.each(["", "a b", "ü", "x".repeat(129)])("the idempotency key %j is refused", (key) => {
  expect(parse("", { "idempotency-key": key })).toMatchObject({
    status: 400,
    code: "invalid_idempotency_key",
  });
});

describe("data", () => {
  const asked = parse("topic=a");
  if ("code" in asked) throw new Error("Cannot parse the URL");

  test("is taken byte by byte", () => {
    const bytes = Buffer.from("\uFEFF a\r\n\0ü");
    expect(parseData(bytes, asked)).toEqual({ topic: "a", type: undefined, data: bytes });
  });

  test.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0xaf]]])("bytes %j are not UTF-8", (bytes) => {
    expect(parseData(Buffer.from(bytes), asked)).toMatchObject({ status: 400, code: "invalid_utf8" });
  });
});
