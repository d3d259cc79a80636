/**
 * Reads the one form of request that nearly every publisher sends, and nothing else: a POST with a length, each header
 * once, in printable ASCII. Whatever is not certainly that is left to node:http. No sockets.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface PlainHead {
  readonly url: string;
  /** But for the length, which is the body's. */
  readonly headers: IncomingHttpHeaders;
}

export interface PlainPost {
  readonly head: PlainHead;
  readonly body: Buffer;
}

const BLANK_LINE = Buffer.from("\r\n\r\n");
const MAX_HEAD_BYTES = 8_192;
const MAX_BODY_BYTES = 65_536;

/** RFC 9112, sections 3 and 5, without what they advise against. */
const HEAD = /^POST \/[!-~]* HTTP\/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)+\r\n$/;
const UP_TO_LENGTH = /^[^]*?\r\ncontent-length:[\t ]*/i;
const LENGTH = /^[0-9]{1,5}$/;

/** Each asks for more than an answer, or is not told to handlers as a string. */
const BEYOND_PLAIN = ["expect", "set-cookie", "transfer-encoding"] as const;

/** One connection's: it mostly sends the head of its last request again, with another length. */
export class PlainPostReader {
  #last: KnownHead | undefined;

  /** undefined: the bytes are not one plain post. `unfinished`: so far they are, but its body is not whole. */
  read(bytes: Buffer): PlainPost | "unfinished" | undefined {
    let place = this.#last?.findBody(bytes);
    if (place === undefined) {
      this.#last = parseHead(bytes);
      place = this.#last?.findBody(bytes);
    }
    if (place === undefined || this.#last === undefined) return undefined;
    const missing = place.start + place.length - bytes.length;
    if (missing !== 0) return missing > 0 ? "unfinished" : undefined;
    return { head: this.#last.head, body: bytes.subarray(place.start) };
  }
}

/** A head that was read, to be found again by the bytes around its length. */
class KnownHead {
  readonly head: PlainHead;
  readonly #before: Buffer;
  readonly #after: Buffer;

  constructor(head: PlainHead, beforeLength: Buffer, afterLength: Buffer) {
    this.head = head;
    this.#before = beforeLength;
    this.#after = afterLength;
  }

  /** undefined: the bytes do not begin with it. */
  findBody(bytes: Buffer): { readonly start: number; readonly length: number } | undefined {
    if (!isAt(0, this.#before, bytes)) return undefined;
    let at = this.#before.length;
    let length = 0;
    for (let digit = digitAt(at, bytes); digit !== undefined; digit = digitAt(++at, bytes)) {
      length = length * 10 + digit;
    }
    if (at === this.#before.length || length > MAX_BODY_BYTES || !isAt(at, this.#after, bytes))
      return undefined;
    return { start: at + this.#after.length, length };
  }
}

function isAt(at: number, part: Buffer, bytes: Buffer): boolean {
  const end = at + part.length;
  return end <= bytes.length && part.compare(bytes, at, end) === 0;
}

function digitAt(at: number, bytes: Buffer): number | undefined {
  const digit = (bytes[at] ?? 0) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : undefined;
}

function parseHead(bytes: Buffer): KnownHead | undefined {
  const headLength = bytes.indexOf(BLANK_LINE) + BLANK_LINE.length;
  if (headLength < BLANK_LINE.length || headLength > MAX_HEAD_BYTES) return undefined;
  const text = bytes.toString("latin1", 0, headLength);
  const [upToLength] = UP_TO_LENGTH.exec(text) ?? [];
  if (upToLength === undefined || !HEAD.test(text)) return undefined;
  const [requestLine = "", ...lines] = text.split("\r\n").slice(0, -2);
  const headers = readHeaders(lines);
  if (headers === undefined) return undefined;
  const url = requestLine.slice("POST ".length, -" HTTP/1.1".length);
  const afterLength = text.slice(upToLength.length).replace(/^[0-9]*/, "");
  return new KnownHead({ url, headers }, Buffer.from(upToLength), Buffer.from(afterLength));
}

/** Every name once: what a second one means is not the same for all names. */
function readHeaders(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    // True also for what every object has, such as "constructor".
    if (name in headers) return undefined;
    headers[name] = line.slice(colon + 1).trim();
  }
  const { "content-length": length = "", ...rest } = headers;
  return LENGTH.test(length) && isPlain(rest) ? rest : undefined;
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const { host, connection = "keep-alive" } = headers;
  if (host === undefined || connection.toLowerCase() !== "keep-alive") return false;
  return BEYOND_PLAIN.every((name) => headers[name] === undefined);
}
