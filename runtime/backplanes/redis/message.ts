/**
 * A batch as one message of a channel: a line `<epoch> <ms> <first position>`, which the server's script writes, and
 * each event's topic, type and data, each after its length in four bytes.
 */
import { parseEventType, parseTopic, type NewEvent } from "#runtime/broker/event.ts";

export interface Message {
  readonly epoch: string;
  readonly ms: number;
  /** Position of the first event. */
  readonly first: number;
  readonly events: readonly NewEvent[];
}

const LENGTH_BYTES = 4;
const HEAD = /^(\w+) (\d+) (\d+)$/;

/** All but the first line. */
export function encodeMessage(events: readonly NewEvent[]): Buffer {
  const fields = events.flatMap(({ topic, type, data }) => [
    Buffer.from(topic),
    Buffer.from(type ?? ""),
    data,
  ]);
  return Buffer.concat(fields.flatMap((field) => [encodeLength(field.length), field]));
}

function encodeLength(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES);
  bytes.writeUInt32BE(length);
  return bytes;
}

/** undefined: not a message of ours. Somebody else publishes on the channel. */
export function parseMessage(message: Buffer): Message | undefined {
  const headEnd = message.indexOf("\n");
  const [, epoch, ms, first] = HEAD.exec(message.toString("latin1", 0, Math.max(0, headEnd))) ?? [];
  const events = parseEvents(message.subarray(headEnd + 1));
  if (epoch === undefined || events === undefined) return undefined;
  return { epoch, ms: Number(ms), first: Number(first), events };
}

function parseEvents(bytes: Buffer): readonly NewEvent[] | undefined {
  const fields = parseFields(bytes);
  if (fields === undefined || fields.length === 0 || fields.length % 3 !== 0) return undefined;
  const events: NewEvent[] = [];
  for (let index = 0; index < fields.length; index += 3) {
    const [topicBytes, typeBytes, data] = fields.slice(index, index + 3);
    const topic = parseTopic(topicBytes?.toString() ?? "");
    const type = typeBytes?.length === 0 ? undefined : parseEventType(typeBytes?.toString() ?? "");
    if (topic === undefined || data === undefined || (type === undefined && typeBytes?.length !== 0))
      return undefined;
    events.push({ topic, type, data });
  }
  return events;
}

function parseFields(bytes: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + LENGTH_BYTES > bytes.length) return undefined;
    const start = at + LENGTH_BYTES;
    at = start + bytes.readUInt32BE(at);
    if (at > bytes.length) return undefined;
    fields.push(bytes.subarray(start, at));
  }
  return fields;
}
