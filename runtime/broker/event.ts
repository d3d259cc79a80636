/**
 * What is published and what the log holds. A Topic or an EventType exists only when valid, so nothing downstream
 * checks again. Knows nothing of where events come from.
 */
import { encodeEvent } from "./wire.ts";
import type { Cursor } from "./cursor.ts";

declare const valid: unique symbol;
export type Topic = string & { readonly [valid]: "Topic" };
export type EventType = string & { readonly [valid]: "EventType" };

export const MAX_NAME_LENGTH = 200;

/** Types that an EventSource or this service fires itself: a publisher must not be able to imitate them. */
const RESERVED_TYPES: ReadonlySet<string> = new Set(["open", "error", "gap", "hello"]);

/** 1-200 characters, none of them a control character. */
export function parseTopic(text: string): Topic | undefined {
  return isTopic(text) ? text : undefined;
}

/** As a topic, and none of the reserved types. */
export function parseEventType(text: string): EventType | undefined {
  return isEventType(text) ? text : undefined;
}

export function isReservedType(text: string): boolean {
  return RESERVED_TYPES.has(text);
}

function isTopic(text: string): text is Topic {
  return isName(text);
}

function isEventType(text: string): text is EventType {
  return isName(text) && !isReservedType(text);
}

function isName(text: string): boolean {
  return text.length > 0 && text.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(text) && text.isWellFormed();
}

/** An event as published: not stored yet, so it has no place in the log. */
export interface NewEvent {
  readonly topic: Topic;
  /** undefined: the default type, "message". */
  readonly type: EventType | undefined;
  /** Valid UTF-8. */
  readonly data: Uint8Array;
}

/** An event of the log, encoded once for all its readers. */
export interface StoredEvent {
  readonly cursor: Cursor;
  readonly topic: Topic;
  /** Shared by every subscriber: never written to. */
  readonly block: Buffer;
  /** On this process' monotonic clock. */
  readonly storedAtMs: number;
}

export function storeEvent(event: NewEvent, cursor: Cursor, storedAtMs: number): StoredEvent {
  const block = encodeEvent(cursor.text, event.type, event.data);
  return { cursor, topic: event.topic, block, storedAtMs };
}
