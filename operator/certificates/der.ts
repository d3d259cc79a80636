/** DER (X.690), as far as certificates need it: each function makes one element, or takes one apart. Pure. */

/** One element: its tag, its length and that many bytes. */
export type Der = Uint8Array;

export function sequence(...parts: readonly Der[]): Der {
  return element(0x30, ...parts);
}

export function set(...parts: readonly Der[]): Der {
  return element(0x31, ...parts);
}

export function boolean(value: boolean): Der {
  return element(0x01, Uint8Array.of(value ? 0xff : 0));
}

/** Of the bytes of a number, the highest first: no needless zero before it, and a set first bit means negative. */
export function integer(bytes: Uint8Array): Der {
  return element(0x02, bytes);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Der {
  return element(0x03, Uint8Array.of(unusedBits), bytes);
}

export function octetString(bytes: Uint8Array): Der {
  return element(0x04, bytes);
}

/** Of its dotted form, such as "2.5.4.3". */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, Uint8Array.from([40 * first + second, ...rest].flatMap(base128)));
}

export function utf8String(text: string): Der {
  return element(0x0c, Buffer.from(text, "utf8"));
}

/** In whole seconds; a year has two digits until 2049 (RFC 5280, 4.1.2.5). */
export function time(moment: Date): Der {
  const text = moment.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return moment.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(text.slice(2), "latin1"))
    : element(0x18, Buffer.from(text, "latin1"));
}

/** A value whose type this number in its context tells. */
export function implicit(number: number, content: Uint8Array): Der {
  return element(0x80 + number, content);
}

/** An element that this number in its context wraps. */
export function explicit(number: number, inner: Der): Der {
  return element(0xa0 + number, inner);
}

/** What an element holds. Checks nothing: for what somebody else has read before. */
export function contentOf(whole: Der): Uint8Array {
  return whole.subarray(headerLength(whole));
}

/** The elements that an element consists of. Checks nothing. */
export function partsOf(whole: Der): Der[] {
  const parts: Der[] = [];
  for (let rest = contentOf(whole); rest.length > 0; rest = rest.subarray(parts.at(-1)?.length)) {
    parts.push(rest.subarray(0, headerLength(rest) + contentLength(rest)));
  }
  return parts;
}

function element(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = digits(length, 256);
  return [0x80 + bytes.length, ...bytes];
}

/** The second byte of an element is its length, or 128 and the number of bytes in which the length follows. */
function headerLength([, second = 0]: Der): number {
  return second < 0x80 ? 2 : 2 + second - 0x80;
}

function contentLength(whole: Der): number {
  const [second = 0, ...bytes] = whole.subarray(1, headerLength(whole));
  return second < 0x80 ? second : bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Seven bits to a byte, and the highest one set in all but the last. */
function base128(value: number): number[] {
  return digits(value, 128).map((digit, index, { length }) => (index < length - 1 ? 128 + digit : digit));
}

/** The highest first; 0 has one. */
function digits(value: number, base: number): number[] {
  return value < base ? [value] : [...digits(Math.floor(value / base), base), value % base];
}
