/** An event as a stream's entry: three fields, always the same, which the server then stores without their names. */
import { createCursor } from "#runtime/broker/cursor.ts";
import {
  parseEventType,
  parseTopic,
  storeEvent,
  type NewEvent,
  type StoredEvent,
} from "#runtime/broker/event.ts";
import type { Argument } from "./session.ts";
import { parseBytes, parseList, parseText } from "./reply.ts";

export interface Entry {
  readonly id: string;
  readonly ms: number;
  readonly n: number;
  /** undefined: not an event of ours. Somebody else writes to the log. */
  readonly event: NewEvent | undefined;
}

const FIELDS = 6;

export function eventArguments({ topic, type, data }: NewEvent): readonly Argument[] {
  return [topic, type ?? "", Buffer.from(data.buffer, data.byteOffset, data.byteLength)];
}

/** Of one stream's XREAD; null is what it answers when nothing came in time. */
export function parseEntries(reply: unknown): readonly Entry[] {
  if (reply === null) return [];
  const [, entries] = parseList(reply);
  return parseList(entries).map(parseEntry);
}

function parseEntry(reply: unknown): Entry {
  const [idReply, fields] = parseList(reply);
  const id = parseText(idReply);
  const dash = id.indexOf("-");
  const ms = Number(id.slice(0, dash));
  const n = Number(id.slice(dash + 1));
  return { id, ms, n, event: parseFields(parseList(fields)) };
}

function parseFields(fields: readonly unknown[]): NewEvent | undefined {
  if (fields.length !== FIELDS) return undefined;
  const topic = parseTopic(parseText(fields[1]));
  const typeName = parseText(fields[3]);
  const type = typeName === "" ? undefined : parseEventType(typeName);
  if (topic === undefined || (typeName !== "" && type === undefined)) return undefined;
  return { topic, type, data: parseBytes(fields[5]) };
}

/** The server's clock in milliseconds less this process' monotonic one. */
export type ClockOffset = number;

export function storeAt(
  event: NewEvent,
  epoch: string,
  at: { readonly ms: number; readonly n: number },
  offset: ClockOffset,
): StoredEvent {
  return storeEvent(event, createCursor(epoch, at.n, at.ms.toString(36)), at.ms - offset);
}
