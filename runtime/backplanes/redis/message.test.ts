import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEventType, parseTopic, type NewEvent } from "#runtime/broker/event.ts";
import { encodeMessage, parseMessage } from "./message.ts";

function event(topicName: string, typeName: string | undefined, data: Uint8Array): NewEvent {
  const topic = parseTopic(topicName);
  if (topic === undefined) throw new Error("not a topic");
  return {
    topic,
    type: typeName === undefined ? undefined : parseEventType(typeName),
    data: Buffer.from(data),
  };
}

function message(events: readonly NewEvent[]): Buffer {
  return Buffer.concat([Buffer.from("abc 1700000000000 41\n"), encodeMessage(events)]);
}

const anyEvent = fc
  .tuple(
    fc.constantFrom("a", "orders/é", "x".repeat(200)),
    fc.constantFrom(undefined, "job"),
    fc.uint8Array(),
  )
  .map(([topic, type, data]) => event(topic, type, data));

test("what was put in comes out", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 5 }), (events) => {
      expect(parseMessage(message(events))).toEqual({
        epoch: "abc",
        ms: 1_700_000_000_000,
        first: 41,
        events,
      });
    }),
  );
});

test("anything else is not a message, and does no harm", () => {
  const whole = message([event("a", "job", Buffer.from("data"))]);
  for (let end = 0; end < whole.length; end++) expect(parseMessage(whole.subarray(0, end))).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => parseMessage(Buffer.from(bytes)) === undefined));
});
