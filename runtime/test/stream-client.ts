/** A client of an event stream over HTTP/1.1, on a unix socket or TCP. */
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { EventStreamReader } from "./event-stream-reader.ts";
import type { Address } from "./running-runtime.ts";

export class StreamClient extends EventStreamReader {
  readonly response: IncomingMessage;

  constructor(response: IncomingMessage) {
    super(response);
    this.response = response;
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

  close(): void {
    this.response.destroy();
  }
}
