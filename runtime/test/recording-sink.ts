/** A Sink that a test reads: what was written, as bytes and as a browser would parse it; reads slowly if told to. */
import { EventStreamParser } from "./event-stream-parser.ts";
import type { Sink } from "#runtime/broker/sink.ts";
import type { Subscription } from "#runtime/broker/subscription.ts";

const HIGH_WATER_MARK = 65_536;

export class RecordingSink implements Sink {
  readonly writes: Buffer[] = [];
  readonly parser = new EventStreamParser();
  subscription: Subscription | undefined;
  state: "open" | "ended" | "destroyed" = "open";
  /** While true, what is written stays in the buffer. */
  isBlocked = false;
  bufferedBytes = 0;
  #unread: Uint8Array[] = [];
  /** As a socket: `drain` comes only when everything has left. */
  #owesDrain = false;

  get needsDrain(): boolean {
    return this.#owesDrain || this.bufferedBytes >= HIGH_WATER_MARK;
  }

  write(bytes: Uint8Array): void {
    if (this.state !== "open") return;
    this.writes.push(Buffer.from(bytes));
    if (!this.isBlocked) return void this.parser.push(bytes);
    this.#unread.push(bytes);
    this.bufferedBytes += bytes.length;
  }

  end(last: Uint8Array): void {
    this.write(last);
    this.state = "ended";
  }

  /** What the client has not read is lost. */
  destroy(): void {
    this.#unread = [];
    this.bufferedBytes = 0;
    this.state = "destroyed";
  }

  /** The client reads what waits, or only some of it. */
  drain(maxBytes = Number.POSITIVE_INFINITY): void {
    const didNeedDrain = this.needsDrain;
    const unread = Buffer.concat(this.#unread);
    this.parser.push(unread.subarray(0, maxBytes));
    this.#unread = [unread.subarray(maxBytes)];
    this.bufferedBytes = Math.max(0, unread.length - maxBytes);
    if (this.bufferedBytes > 0) this.#owesDrain ||= didNeedDrain;
    else if (didNeedDrain || this.#owesDrain) {
      this.#owesDrain = false;
      this.subscription?.drained();
    }
  }

  get text(): string {
    return Buffer.concat(this.writes).toString();
  }

  get data(): string[] {
    return this.parser.events.map((event) => event.data);
  }
}
