/**
 * A subscriber that has left node:http by the `upgrade` event: bytes go straight to the socket. Its parser is freed,
 * and listeners are shared by all sockets, so an idle subscriber costs little more than its socket.
 */
import type { Socket } from "node:net";
import type { Sink } from "#runtime/broker/sink.ts";
import type { Subscription } from "#runtime/broker/subscription.ts";

/** How long a client may take nothing of a stream's last bytes. */
export const LINGER_MS = 10_000;

const SINK = Symbol("sink");

declare module "node:net" {
  interface Socket {
    [SINK]?: SocketSink;
  }
}

export class SocketSink implements Sink {
  readonly #socket: Socket;
  subscription: Subscription | undefined;
  hasFailed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket[SINK] = this;
    socket.on("drain", onDrain).on("end", onEnd).on("error", onError).on("close", onClose);
    socket.resume();
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  end(last: Uint8Array): void {
    this.#socket.end(last);
    this.#socket.setTimeout(LINGER_MS).on("timeout", onTimeout);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function onDrain(this: Socket): void {
  this[SINK]?.subscription?.drained();
}

/** A client that will send nothing more has gone: proxies and browsers close both directions. */
function onEnd(this: Socket): void {
  this.destroy();
}

function onError(this: Socket): void {
  const sink = this[SINK];
  if (sink !== undefined) sink.hasFailed = true;
}

function onTimeout(this: Socket): void {
  this.destroy();
}

function onClose(this: Socket): void {
  const sink = this[SINK];
  sink?.subscription?.closed(sink.hasFailed ? "connection_error" : "client_closed");
}
