/**
 * The bytes of an event stream (WHATWG HTML, section 9.2). Every block ends in a blank line, so that a stream cut
 * between two writes never holds half an event.
 */
import type { EndReason, GapReason, RefusalReason } from "./reasons.ts";
import type { EventType } from "./event.ts";

const LF = 0x0a;
const CR = 0x0d;
const DATA = Buffer.from("data: ");

/**
 * Each line of the data becomes a `data:` line of its own, whatever ends it (LF, CR or CRLF); readers join them with
 * LF. The space after the colon is the one a reader removes, so a leading space, or a BOM, of the data survives.
 */
export function encodeEvent(id: string, type: EventType | undefined, data: Uint8Array): Buffer {
  const head = type === undefined ? `id: ${id}\ndata: ` : `id: ${id}\nevent: ${type}\ndata: `;
  // Without a type it is ASCII, which is quicker to measure and to write.
  const headLength = type === undefined ? head.length : Buffer.byteLength(head);
  const lines = splitLines(data);
  const block = Buffer.allocUnsafe(headLength + linesLength(lines) + 1);
  block.write(head, type === undefined ? "latin1" : "utf8");
  writeLines(lines, block, headLength);
  return block;
}

function splitLines(data: Uint8Array): readonly Uint8Array[] {
  if (!data.includes(LF) && !data.includes(CR)) return [data];
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at < data.length; at++) {
    const byte = data[at];
    if (byte !== LF && byte !== CR) continue;
    lines.push(data.subarray(start, at));
    if (byte === CR && data[at + 1] === LF) at++;
    start = at + 1;
  }
  lines.push(data.subarray(start));
  return lines;
}

/** The first line's `data: ` is part of the head. */
function linesLength(lines: readonly Uint8Array[]): number {
  let length = (lines.length - 1) * DATA.length;
  for (const line of lines) length += line.length + 1;
  return length;
}

function writeLines(lines: readonly Uint8Array[], block: Buffer, offset: number): void {
  let at = offset;
  for (const line of lines) {
    if (at > offset) at += DATA.copy(block, at);
    block.set(line, at);
    at += line.length;
    block[at++] = LF;
  }
  block[at] = LF;
}

/** The first block: even before any event the client knows where it is and when to come back. */
export function encodeOpening(retryMs: number, cursor: string): Buffer {
  return Buffer.from(`retry: ${retryMs}\nid: ${cursor}\n\n`);
}

export interface Gap {
  /** The cursor that the client asked for, as it came. */
  readonly requested: string;
  /** The oldest cursor that would have resumed without a gap; the stream goes on from here. */
  readonly oldest: string;
  readonly reason: GapReason;
}

/** One block: the client's cursor moves exactly when it is told of the gap, never before. */
export function encodeGap(gap: Gap): Buffer {
  return Buffer.from(`event: gap\nid: ${gap.oldest}\ndata: ${JSON.stringify(gap)}\n\n`);
}

export function encodeGapOpening(retryMs: number, gap: Gap): Buffer {
  return Buffer.concat([Buffer.from(`retry: ${retryMs}\n`), encodeGap(gap)]);
}

/** Carries no id: it is about this connection, not a place in the log. */
export function encodeHello(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(`event: hello\ndata: ${JSON.stringify(fields)}\n\n`);
}

/** An id without data moves the client's cursor and fires nothing. */
export function encodeHeartbeat(cursor: string): Buffer {
  return Buffer.from(`id: ${cursor}\n\n`);
}

/** A comment: for people who watch with curl; an EventSource just reconnects. */
export function encodeEnd(reason: EndReason): Buffer {
  return Buffer.from(`: end ${reason}\n\n`);
}

/** The whole body of a stream that cannot be served now. */
export function encodeRefusal(retryMs: number, reason: RefusalReason): Buffer {
  return Buffer.from(`retry: ${retryMs}\n: end ${reason}\n\n`);
}
