/** A transport whose answers a test writes one by one. For tests only. */
import { Mailbox } from "./mailbox.ts";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";

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
  const exchanges = new Mailbox<Exchange>();
  return {
    send: (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
      request.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      if (request.signal?.aborted === true) reject(new Error("aborted"));
      exchanges.post(createExchange(request, resolve, reject));
      return promise;
    },
    next: () => exchanges.take(),
    close: async () => {},
    get waiting() {
      return exchanges.size;
    },
  };
}

function createExchange(
  request: HttpRequest,
  resolve: (response: HttpResponse) => void,
  fail: (error: Error) => void,
): Exchange {
  const reply = (status: number, headers: Record<string, string> = {}) => {
    const body = new BodyStream();
    resolve({ status, headers, body: body.read(request.signal) });
    return body;
  };
  return {
    request,
    query: Object.fromEntries(new URL(request.path, "http://test").searchParams),
    answer: (status, value, headers) => {
      const body = reply(status, headers);
      body.send(value);
      body.end();
    },
    open: () => reply(200),
    fail,
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
