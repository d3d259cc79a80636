/** Reads an event stream off a connection as a browser does, and waits for what a test is to see. */
import type { Readable } from "node:stream";
import { EventStreamParser } from "./event-stream-parser.ts";

/** For `expect.poll`, where there is nothing to await: a loaded machine is slow, not wrong. */
export const PATIENTLY = { timeout: 30_000 };

export class EventStreamReader {
  readonly parser = new EventStreamParser();
  hasEnded = false;
  #wake: () => void = () => {};

  constructor(source: Readable) {
    source.on("data", (chunk: Buffer) => {
      this.parser.push(chunk);
      this.#wake();
    });
    source.on("close", () => {
      this.hasEnded = true;
      this.#wake();
    });
    /** A stream that the server cuts is an end like any other. */
    source.on("error", () => {});
  }

  get data(): string[] {
    return this.parser.events.map(({ data }) => data);
  }

  /** Resolves when so many events have come; rejects when the stream ends before. */
  async events(count: number): Promise<EventStreamParser["events"]> {
    await this.#until(() => this.parser.events.length >= count);
    if (this.parser.events.length < count)
      throw new Error(`Cannot read ${count} events: ${this.data.join(", ")}`);
    return this.parser.events;
  }

  /** Resolves when the first block is there. */
  async opening(): Promise<this> {
    await this.#until(() => this.parser.blocks.length > 0);
    return this;
  }

  async end(): Promise<this> {
    await this.#until(() => false);
    return this;
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone() && !this.hasEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
