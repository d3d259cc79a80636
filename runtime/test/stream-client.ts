/** A client of an event stream over a real connection; it reads as a browser does and waits for what it is to see. */
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { EventStreamParser } from "./event-stream-parser.ts";
import type { Address } from "./running-runtime.ts";

export class StreamClient {
  readonly parser = new EventStreamParser();
  readonly response: IncomingMessage;
  hasEnded = false;
  #wake: () => void = () => {};

  constructor(response: IncomingMessage) {
    this.response = response;
    response.on("data", (chunk: Buffer) => {
      this.parser.push(chunk);
      this.#wake();
    });
    response.on("close", () => {
      this.hasEnded = true;
      this.#wake();
    });
    /** A stream that the server cuts is an end like any other. */
    response.on("error", () => {});
  }

  /** Resolves once the response's head is there. */
  static open(address: Address, path: string, headers: OutgoingHttpHeaders = {}): Promise<StreamClient> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ ...address, path, headers, agent: false });
      outgoing.on("error", reject);
      outgoing.on("response", (response: IncomingMessage) => resolve(new StreamClient(response)));
      outgoing.end();
    });
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

  close(): void {
    this.response.destroy();
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone() && !this.hasEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
