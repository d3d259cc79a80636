/** Reads a request's body into memory, up to a limit. */
import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  | { readonly kind: "too_large"; readonly maxBytes: number }
  /** The client went away before its end. */
  | { readonly kind: "aborted" };

/**
 * What exceeds the limit by less is read and thrown away: a client that is still sending when its connection closes
 * may never see the answer.
 */
const MAX_DISCARDED_BYTES = 33_554_432;

/** Of one that has been read already. */
export function bodyWithin(bytes: Buffer, maxBytes: number): Body {
  return bytes.length > maxBytes ? { kind: "too_large", maxBytes } : { kind: "whole", bytes };
}

/** The connection must be closed after `too_large`: the body's end may not have been read. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (length > maxBytes + MAX_DISCARDED_BYTES) resolve({ kind: "too_large", maxBytes });
    });
    request.on("end", () =>
      resolve(
        length > maxBytes ? { kind: "too_large", maxBytes } : { kind: "whole", bytes: joinChunks(chunks) },
      ),
    );
    request.on("close", () => resolve({ kind: "aborted" }));
    request.on("error", () => resolve({ kind: "aborted" }));
  });
}

function joinChunks(chunks: readonly Buffer[]): Buffer {
  const [first, second] = chunks;
  return first !== undefined && second === undefined ? first : Buffer.concat(chunks);
}
