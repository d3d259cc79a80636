/** A subscriber that talks to node:http directly, without a proxy that asks for the upgrade. */
import { LINGER_MS } from "./socket-sink.ts";
import type { ServerResponse } from "node:http";
import type { Sink } from "#runtime/broker/sink.ts";
import type { Subscription } from "#runtime/broker/subscription.ts";

export class ResponseSink implements Sink {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Tells the subscription what becomes of the connection. */
  attach(subscription: Subscription): void {
    let hasFailed = false;
    this.#response
      .on("drain", () => subscription.drained())
      .on("error", () => (hasFailed = true))
      .on("close", () => subscription.closed(hasFailed ? "connection_error" : "client_closed"));
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  get needsDrain(): boolean {
    return this.#response.writableNeedDrain;
  }

  write(bytes: Uint8Array): void {
    this.#response.write(bytes);
  }

  end(last: Uint8Array): void {
    this.#response.setTimeout(LINGER_MS, () => this.#response.destroy());
    this.#response.end(last);
  }

  destroy(): void {
    this.#response.destroy();
  }
}
