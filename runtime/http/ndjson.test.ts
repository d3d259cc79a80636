import { describe, expect, test } from "vitest";
import { parseNdjson } from "./ndjson.ts";
import { parsePublishRequest } from "./publish-request.ts";

const LIMITS = { maxBatchEvents: 3, maxEventBytes: 10 };

function parse(body: string | Buffer) {
  const asked = parsePublishRequest(new URLSearchParams("topic=t&event=e"), {});
  if ("code" in asked) throw new Error("Cannot parse the URL");
  return parseNdjson(Buffer.from(body), asked, LIMITS);
}

const read = (body: string) => {
  const events = parse(body);
  if ("code" in events) throw new Error(events.message);
  return events.map(({ topic, type, data }) => [topic, type, Buffer.from(data).toString()]);
};

describe("lines", () => {
  test("are events in order; what they leave out is as in the URL", () => {
    expect(read('{"data":"1"}\n{"data":"2","topic":"u"}\n{"data":"3","event":"message"}\n')).toEqual([
      ["t", "e", "1"],
      ["u", "e", "2"],
      ["t", undefined, "3"],
    ]);
  });

  test("may end in CRLF, lack the last line end, and be empty", () => {
    expect(read('{"data":"a"}\r\n\r\n\n{"data":""}')).toEqual([
      ["t", "e", "a"],
      ["t", "e", ""],
    ]);
  });

  test("data may hold whatever JSON can say", () => {
    expect(read(JSON.stringify({ data: "\r\n\0\uFEFFü" }))[0]?.[2]).toBe("\r\n\0\uFEFFü");
  });
});

describe("the first wrong line is named", () => {
  const good = '{"data":"a"}\n';

  test.each([
    ["{", "invalid_json", "body"],
    ["[]", "invalid_json", "body"],
    ['"text"', "invalid_json", "body"],
    ["null", "invalid_json", "body"],
    ["{}", "invalid_data", "data"],
    ['{"data":1}', "invalid_data", "data"],
    ['{"data":"\\ud800"}', "invalid_data", "data"],
    ['{"data":"a","topic":1}', "invalid_type", "topic"],
    ['{"data":"a","topic":""}', "invalid_topic", "topic"],
    ['{"data":"a","event":null}', "invalid_type", "event"],
    ['{"data":"a","event":"x\\n"}', "invalid_event_type", "event"],
    ['{"data":"a","event":"gap"}', "invalid_event_type", "event"],
    ['{"data":"a","id":"1"}', "unknown_field", "id"],
    ['{"data":"a","__proto__":"1"}', "unknown_field", "__proto__"],
  ])("%s: %s", (line, code, field) => {
    const problem = parse(`${good}\n${line}\n{`);
    expect(problem).toMatchObject({ status: 400, code, field, line: 3 });
    expect(problem).toHaveProperty("message", expect.stringMatching(/^Line 3: /));
  });

  test("too large data is 413", () => {
    expect(parse(`${good}{"data":"${"ü".repeat(6)}"}`)).toMatchObject({
      status: 413,
      code: "event_too_large",
      line: 2,
    });
  });
});

test("a batch without events, with too many, or not in UTF-8 is refused", () => {
  expect(parse("\n")).toMatchObject({ status: 400, code: "empty_batch" });
  expect(parse('{"data":"a"}\n'.repeat(4))).toMatchObject({ status: 413, code: "too_many_events" });
  expect(parse(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, code: "invalid_utf8" });
});
