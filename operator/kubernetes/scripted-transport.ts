/** A transport whose answers a test writes one by one. For tests only. */
import type { HttpRequest, Transport } from "./transport.ts";

export type Exchange = {
  request: HttpRequest;
  /** The query of the request. */
  query: Record<string, string>;
  /** Answers with a whole body. */
  answer(status: number, body: object, headers?: Record<string, string>): void;
  /** Answers 200 and leaves the body open. */
  open(): BodyWriter;
  /** No answer at all. */
  fail(error: Error): void;
};

export type BodyWriter = {
  send(...lines: object[]): void;
  /** Bytes as they are, also half a line. */
  sendBytes(bytes: Uint8Array): void;
  end(): void;
  fail(error: Error): void;
  /** Resolves when the reader has let go of the body. */
  released: Promise<void>;
};

export type ScriptedTransport = Transport & {
  /** The next request, as soon as it is made. */
  next(): Promise<Exchange>;
  /** Requests made that no `next` has taken. */
  readonly waiting: number;
};

export function createScriptedTransport(): ScriptedTransport {
  const exchanges: Exchange[] = [];
  const takers: ((exchange: Exchange) => void)[] = [];

  return {
    async send(request) {
      const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Transport["send"]>>>();
      request.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      if (request.signal?.aborted === true) reject(new Error("aborted"));
      const reply = (status: number, body: BodyStream, headers: Record<string, string> = {}) =>
        resolve({ status, headers, body: body.read(request.signal) });
      const exchange: Exchange = {
        request,
        query: Object.fromEntries(new URL(request.path, "http://test").searchParams),
        answer(status, value, headers) {
          const body = new BodyStream();
          body.send(value);
          body.end();
          reply(status, body, headers);
        },
        open() {
          const body = new BodyStream();
          reply(200, body);
          return body;
        },
        fail: reject,
      };
      const taker = takers.shift();
      if (taker === undefined) exchanges.push(exchange);
      else taker(exchange);
      return promise;
    },
    async next() {
      const exchange = exchanges.shift();
      if (exchange !== undefined) return exchange;
      const { promise, resolve } = Promise.withResolvers<Exchange>();
      takers.push(resolve);
      return promise;
    },
    async close() {},
    get waiting() {
      return exchanges.length;
    },
  };
}

class BodyStream implements BodyWriter {
  readonly #released = Promise.withResolvers<void>();
  readonly #stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor() {
    this.#stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#released.resolve(),
    });
  }

  get released(): Promise<void> {
    return this.#released.promise;
  }

  send(...lines: object[]): void {
    for (const line of lines) this.sendBytes(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
  }

  end(): void {
    this.#controller?.close();
  }

  fail(error: Error): void {
    this.#controller?.error(error);
  }

  read(signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
    signal?.addEventListener("abort", () => {
      this.#released.resolve();
      this.#controller?.error(new Error("aborted"));
    });
    return this.#stream;
  }
}
