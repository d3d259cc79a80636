import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventStreamParser } from "#runtime/test/event-stream-parser.ts";
import { parseEventType } from "./event.ts";
import {
  encodeEvent,
  encodeGap,
  encodeGapOpening,
  encodeHeartbeat,
  encodeHello,
  encodeOpening,
} from "./wire.ts";

const ID = "epoch.1f";

/** Strings in which everything that the format is sensitive to is frequent. */
const spiteful = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\r",
        "\n",
        "\r\n",
        ":",
        " ",
        "\uFEFF",
        "\0",
        "data: ",
        "id: x",
        "event: y",
        "retry: 1",
      ),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

function read(bytes: Buffer): EventStreamParser {
  return new EventStreamParser().push(bytes);
}

describe("encodeEvent", () => {
  test("an event without a type is an id and its data", () => {
    expect(encodeEvent(ID, undefined, Buffer.from("hello")).toString()).toBe("id: epoch.1f\ndata: hello\n\n");
  });

  test("an event with a type names it", () => {
    const type = parseEventType("grüße");
    expect(encodeEvent(ID, type, Buffer.from("x")).toString()).toBe(
      "id: epoch.1f\nevent: grüße\ndata: x\n\n",
    );
  });

  test.each([
    ["", ""],
    ["\n", "\n"],
    ["a\nb", "a\nb"],
    ["a\rb", "a\nb"],
    ["a\r\nb", "a\nb"],
    ["a\n\nb", "a\n\nb"],
    ["a\r\rb", "a\n\nb"],
    ["a\n\rb", "a\n\nb"],
    ["a\n", "a\n"],
    ["a\r", "a\n"],
    [" a", " a"],
    ["\uFEFFa", "\uFEFFa"],
    ["a\nevent: evil", "a\nevent: evil"],
    ["a\n\nid: evil\n\n", "a\n\nid: evil\n\n"],
  ])("%j is read as %j", (data, expected) => {
    const { events } = read(encodeEvent(ID, undefined, Buffer.from(data)));
    expect(events).toEqual([{ type: "message", data: expected, lastEventId: ID }]);
  });

  test("whatever the data is, exactly one event is read, with every line ending as LF", () => {
    fc.assert(
      fc.property(spiteful, (data) => {
        const expected = data.replaceAll(/\r\n?/g, "\n");
        expect(read(encodeEvent(ID, undefined, Buffer.from(data))).events).toEqual([
          { type: "message", data: Buffer.from(expected).toString(), lastEventId: ID },
        ]);
      }),
    );
  });

  test("whatever passes as a type arrives as that type and nothing else", () => {
    fc.assert(
      fc.property(spiteful, (name) => {
        const type = parseEventType(name);
        fc.pre(type !== undefined);
        const { events } = read(encodeEvent(ID, type, Buffer.from("x")));
        expect(events).toEqual([{ type: name, data: "x", lastEventId: ID }]);
      }),
    );
  });
});

describe("control blocks", () => {
  test("an opening sets the reconnection time and the cursor and fires nothing", () => {
    const parser = read(encodeOpening(2_100, ID));
    expect(parser).toMatchObject({ events: [], reconnectionTimeMs: 2_100, lastEventId: ID });
  });

  test("a heartbeat moves the cursor and fires nothing", () => {
    expect(read(encodeHeartbeat(ID))).toMatchObject({ events: [], lastEventId: ID });
  });

  test("a hello does not move the cursor", () => {
    const parser = read(Buffer.concat([encodeHeartbeat(ID), encodeHello({ pod: "pod-1", cursor: ID })]));
    expect(parser.events).toEqual([
      { type: "hello", data: `{"pod":"pod-1","cursor":"${ID}"}`, lastEventId: ID },
    ]);
  });

  test("a gap tells any requested text as JSON and moves the cursor with it", () => {
    fc.assert(
      fc.property(spiteful, (requested) => {
        const { events } = read(encodeGap({ requested, oldest: ID, reason: "malformed" }));
        expect(events).toHaveLength(1);
        expect(events[0]).toMatchObject({ type: "gap", lastEventId: ID });
        expect(JSON.parse(events[0]?.data ?? "")).toEqual({ requested, oldest: ID, reason: "malformed" });
      }),
    );
  });

  test("a stream cut anywhere in a gap's opening has not moved the cursor", () => {
    const opening = encodeGapOpening(2_000, { requested: "old.1", oldest: ID, reason: "epoch" });
    for (let length = 0; length < opening.length; length++) {
      expect(read(opening.subarray(0, length)).lastEventId).toBe("");
    }
    expect(read(opening).lastEventId).toBe(ID);
  });
});
