/** The load tool over TLS and HTTP/2 against servers that do one thing wrong. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { writeCertificate } from "../servers/certificate.ts";
import { useLoadTool } from "./load-tool.ts";
import type { LoadReport } from "./load.ts";

const SUBSCRIBERS = 6;
const STREAMS_PER_CONNECTION = 4;

/** The writes to one subscriber for the event of this number. */
type Send = (subscriber: ServerHttp2Stream, index: number, event: string, number: number) => void;

const honest: Send = (subscriber, _index, event) => void subscriber.write(event);

const load = useLoadTool();
let server: Http2SecureServer | undefined;

afterEach(() => {
  server?.close();
});

test("an honest server gets its figures", async () => {
  const report = await runAgainst(honest);
  const [phase] = report.Phases;
  expect(report).toMatchObject({ Lost: 0, Repeated: 0, Orders: 1 });
  expect(phase?.Published).toBeGreaterThan(0);
  expect(phase?.Delivered).toBe((phase?.Published ?? 0) * SUBSCRIBERS);
});

test("so many subscribers share a connection", async () => {
  const sessions = new Map<unknown, number>();
  await runAgainst(honest, (stream) => sessions.set(stream.session, (sessions.get(stream.session) ?? 0) + 1));
  expect([...sessions.values()]).toEqual([STREAMS_PER_CONNECTION, SUBSCRIBERS - STREAMS_PER_CONNECTION]);
});

test("an event in several frames is one event", async () => {
  const report = await runAgainst((subscriber, _index, event) => {
    for (let at = 0; at < event.length; at += 7) subscriber.write(event.slice(at, at + 7));
  });
  expect(report).toMatchObject({ Lost: 0, Repeated: 0, Orders: 1 });
});

test("an event that one stream does not get is lost", async () => {
  const run = runAgainst((subscriber, index, event, number) => {
    if (index !== 5 || number !== 4) subscriber.write(event);
  });
  await expect(run).rejects.toThrow("1 events lost, 0 repeated");
});

test("an event that comes twice is a repeat", async () => {
  const run = runAgainst((subscriber, index, event, number) => {
    subscriber.write(index === 5 && number === 4 ? event + event : event);
  });
  await expect(run).rejects.toThrow("0 events lost, 1 repeated");
});

test("a stream that the server ends, or resets, ends the run", async () => {
  const ended = runAgainst((subscriber, index, event) => {
    if (index === 5) subscriber.end();
    else subscriber.write(event);
  });
  await expect(ended).rejects.toThrow("stream 5 was ended by the server");
  server?.close();
  const reset = runAgainst((subscriber, index, event) => {
    if (index === 5) subscriber.close(2);
    else subscriber.write(event);
  });
  await expect(reset).rejects.toThrow("stream 5 was ended by the server");
});

test("a refused stream is not a stream", async () => {
  const run = runAgainst(honest, () => undefined, 503);
  await expect(run).rejects.toThrow("not a stream");
});

async function runAgainst(
  send: Send,
  onStream: (stream: ServerHttp2Stream) => void = () => undefined,
  status = 200,
): Promise<LoadReport> {
  const address = { network: "tcp", address: `127.0.0.1:${await serve(send, onStream, status)}` } as const;
  return load.run({
    subscribers: SUBSCRIBERS,
    subscribe: {
      ...address,
      path: `/status?${"long".repeat(50)}`,
      streamsPerConnection: STREAMS_PER_CONNECTION,
    },
    publish: { ...address, tls: true, head: "POST /submit HTTP/1.1\r\nHost: test\r\n" },
    pids: [process.pid],
    settleMs: 0,
    phases: [{ name: "test", publishers: 1, rate: 40, seconds: 0.3 }],
  });
}

/** Subscribers come over HTTP/2, publishers over HTTP/1.1; the port. */
async function serve(
  send: Send,
  onStream: (stream: ServerHttp2Stream) => void,
  status: number,
): Promise<number> {
  const { certificate, key } = await writeCertificate(load.folder);
  const subscribers: ServerHttp2Stream[] = [];
  let number = 0;
  const started = createSecureServer(
    { cert: await readFile(certificate), key: await readFile(key), allowHTTP1: true },
    (request: Http2ServerRequest | IncomingMessage, response: Http2ServerResponse | ServerResponse) => {
      if ("stream" in response) subscribe(response.stream);
      else void publish(request, response);
    },
  );
  const subscribe = (stream: ServerHttp2Stream): void => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": status });
    stream.write(":\n\n");
    subscribers.push(stream);
    onStream(stream);
  };
  const publish = async (
    request: Http2ServerRequest | IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const data = await text(request);
    number++;
    for (const [index, subscriber] of subscribers.entries())
      send(subscriber, index, `data: ${data}\n\n`, number);
    response.writeHead(200, { "content-length": 0 }).end();
  };
  started.on("sessionError", () => undefined).listen(0, "127.0.0.1");
  await once(started, "listening");
  server = started;
  return (started.address() as AddressInfo).port;
}
