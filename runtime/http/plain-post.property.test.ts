/** What the reader takes for a plain post, node:http reads as exactly the same request. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { duplexPair } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PlainPostReader } from "./plain-post.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Every request that node:http finds in the bytes before the connection ends. */
async function readByNode(bytes: Buffer): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const [client, connection] = duplexPair();
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = Buffer.concat(await request.toArray()).toString("latin1");
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body });
      response.end();
    };
    void answer();
  });
  server.on("clientError", (_error, socket) => socket.end("refused"));
  server.on("upgrade", (_request, socket) => socket.end("upgraded"));
  server.emit("connection", connection);
  client.write(bytes);
  await once(client, "data");
  client.resume().end();
  await once(client, "end");
  return seen;
}

function madeOf(characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters.split("")), minLength, maxLength });
}

const token = fc.oneof(
  fc.constantFrom("X-A", "x-a", "Authorization", "Content-Type", "cookie", "Idempotency-Key", "origin"),
  fc.constantFrom(
    "Expect",
    "Upgrade",
    "Transfer-Encoding",
    "Set-Cookie",
    "trailer",
    "constructor",
    "__proto__",
  ),
  madeOf("aZ09!#$%&'*+-.^_`|~", 1, 6),
);
const value = fc.oneof(
  fc.constantFrom("a", "text/plain", "chunked", "100-continue", "websocket", ""),
  madeOf('aZ0 \t:;,"\\{}~', 0, 8),
);
const header = fc.tuple(token, fc.constantFrom(": ", ":", ":\t", " :"), value).map((parts) => parts.join(""));
const connection = fc.constantFrom(
  [],
  ["Connection: keep-alive"],
  ["connection: Keep-Alive"],
  ["Connection: close"],
);
const length = fc.tuple(
  fc.constantFrom("Content-Length: ", "content-length:", "CONTENT-LENGTH:  ", "Content-Length:\t"),
  fc.constantFrom("", "", "", "0", "00", "+", "1"),
  fc.constantFrom("", "", " ", "\t", "x"),
);
const body = madeOf("a\n\r\u00e9P", 0, 12);
const path = madeOf('aZ0/?=&%#{}|\\^`"<>~', 0, 10);

const request = fc
  .record({
    path,
    headers: fc.array(header, { maxLength: 4 }),
    connection,
    length,
    body,
    isHostless: fc.boolean(),
  })
  .map((parts) => {
    const [name, zeros, tail] = parts.length;
    const lengthLine = `${name}${zeros}${parts.body.length}${tail}`;
    const host = parts.isHostless && parts.body.length % 5 === 0 ? [] : ["Host: x"];
    const lines = [...host, ...parts.headers, ...parts.connection, lengthLine];
    return Buffer.from([`POST /${parts.path} HTTP/1.1`, ...lines, "", parts.body].join("\r\n"), "latin1");
  });

/** Bytes put anywhere, to break what is right. */
const damaged = fc
  .tuple(request, fc.nat(), fc.constantFrom("", "\r", "\n", "\r\n", "\0", "\u00e9", " ", ":", "HTTP/1.0"))
  .map(([bytes, place, junk]) => {
    const at = place % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(junk, "latin1"), bytes.subarray(at)]);
  });

const bytes = fc.oneof({ weight: 3, arbitrary: request }, { weight: 2, arbitrary: damaged });

test("a plain post is one request for node:http, with the same parts", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(bytes, async (sent) => {
      const read = new PlainPostReader().read(sent);
      if (typeof read !== "object") return;
      taken++;
      const [seen, ...more] = await readByNode(sent);
      expect(more).toEqual([]);
      const { "content-length": _, ...headers } = seen?.headers ?? {};
      const { head, body: taking } = read;
      expect({ ...seen, headers }).toEqual({ method: "POST", ...head, body: taking.toString("latin1") });
    }),
    { numRuns: 1_500 },
  );
  expect(taken).toBeGreaterThan(100);
});

test("what came before on the connection changes nothing", () => {
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 2, maxLength: 4 }), (all) => {
      const reader = new PlainPostReader();
      const repeated = all.flatMap((each) => [each, each]);
      expect(repeated.map((each) => reader.read(each))).toEqual(
        repeated.map((each) => new PlainPostReader().read(each)),
      );
    }),
    { numRuns: 500 },
  );
});

test("the beginning of a plain post is unfinished once its head is whole, and none before", () => {
  const whole = Buffer.from("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  const pieces = Array.from({ length: whole.length }, (_, end) => whole.subarray(0, end));
  const read = pieces.map((piece) => new PlainPostReader().read(piece));
  expect(read.indexOf("unfinished")).toBe(whole.length - 3);
  expect(read.slice(0, -3).every((each) => each === undefined)).toBe(true);
});

test("another length in a known head is found; two requests at once are not plain", () => {
  const post = (data: string): Buffer =>
    Buffer.from(`POST /a HTTP/1.1\r\nContent-Length: ${data.length}\r\nHost: x\r\n\r\n${data}`);
  const reader = new PlainPostReader();
  const [first, second] = [reader.read(post("a")), reader.read(post("b".repeat(1_234)))];
  expect(second).toMatchObject({ body: Buffer.from("b".repeat(1_234)) });
  expect(second).toHaveProperty("head", (first as { head: unknown }).head);
  expect(reader.read(Buffer.concat([post("a"), post("b")]))).toBeUndefined();
  expect(reader.read(post("x".repeat(65_537)))).toBeUndefined();
});
