/**
 * Publishing past node:http, whose machinery costs more than everything else that is done for an event. Here are the
 * connections that have brought nothing but plain requests to publish.
 */
import type { Socket } from "node:net";
import { LaneConnection, type LaneOptions } from "./lane-connection.ts";

export class PublishLane {
  readonly #options: LaneOptions;
  readonly #connections = new Set<LaneConnection>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), options.keepAliveMs).unref();
  }

  take(socket: Socket): void {
    const connection: LaneConnection = new LaneConnection(socket, this.#options, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
  }

  /** Closes the connections that are still here. */
  close(): void {
    clearInterval(this.#sweeping);
    for (const connection of this.#connections) connection.destroy();
  }

  /** One timer for all: a socket's own would cost every subscriber on its way through here. */
  #sweep(): void {
    for (const connection of this.#connections) connection.closeIfIdle();
  }
}
