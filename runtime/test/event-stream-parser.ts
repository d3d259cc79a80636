/**
 * An independent reader of event streams, written from WHATWG HTML sections 9.2.5 and 9.2.6 and sharing no code with
 * the encoder. Bytes in, in any pieces; dispatched events out.
 */
export interface ParsedEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** One block: it moved the client's cursor, fired an event, or both. */
export interface ParsedBlock {
  readonly lastEventId: string;
  readonly event: ParsedEvent | undefined;
}

export class EventStreamParser {
  readonly events: ParsedEvent[] = [];
  readonly blocks: ParsedBlock[] = [];
  readonly comments: string[] = [];
  /** What a browser would send when it reconnects now. */
  lastEventId = "";
  reconnectionTimeMs: number | undefined;
  /** Strips one leading byte order mark, as "UTF-8 decode" does. */
  readonly #decoder = new TextDecoder("utf-8");
  #text = "";
  #data = "";
  #type = "";
  #id = "";

  push(bytes: Uint8Array): this {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    let line = this.#takeLine();
    while (line !== undefined) {
      this.#processLine(line);
      line = this.#takeLine();
    }
    return this;
  }

  /** A line ends in CRLF, LF or CR; a CR at the very end may still become a CRLF. */
  #takeLine(): string | undefined {
    const end = this.#text.search(/[\r\n]/);
    if (end === -1) return undefined;
    const isCr = this.#text[end] === "\r";
    if (isCr && end === this.#text.length - 1) return undefined;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(isCr && this.#text[end + 1] === "\n" ? end + 2 : end + 1);
    return line;
  }

  #processLine(line: string): void {
    if (line === "") return this.#dispatch();
    if (line.startsWith(":")) {
      this.comments.push(line.slice(1).replace(/^ /, ""));
      return;
    }
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    this.#processField(name, value);
  }

  #processField(name: string, value: string): void {
    if (name === "event") this.#type = value;
    else if (name === "data") this.#data += `${value}\n`;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.reconnectionTimeMs = Number(value);
  }

  #dispatch(): void {
    this.lastEventId = this.#id;
    const data = this.#data;
    const type = this.#type === "" ? "message" : this.#type;
    this.#data = "";
    this.#type = "";
    const { lastEventId } = this;
    const event = data === "" ? undefined : { type, data: data.replace(/\n$/, ""), lastEventId };
    this.blocks.push({ lastEventId, event });
    if (event !== undefined) this.events.push(event);
  }
}
