/** Connections that publish past node:http, and what makes them node:http's: over real sockets. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerJson } from "./answer.ts";
import { createCors } from "./cors.ts";
import type { PublishLane } from "./publish-lane.ts";
import { openLane } from "./server.ts";
import { PATIENTLY } from "#runtime/test/event-stream-reader.ts";
import type { Publish } from "./publish.ts";

let folder: string;
let server: Server;
let lane: PublishLane;
let client: Socket;
/** Its other side. */
let accepted: Socket | undefined;
let received = "";
const errors: unknown[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lane-"));
  received = "";
  errors.length = 0;
  accepted = undefined;
});

afterEach(async () => {
  client.destroy();
  lane.close();
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

const echo: Publish = async (_head, read) => {
  const body = await read(20);
  return body.kind === "whole"
    ? answerJson(200, body.bytes.toString())
    : answerJson(413, "", { connection: "close" });
};

async function start(publish: Publish = echo, keepAliveMs = 60_000): Promise<void> {
  server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = Buffer.concat(await request.toArray()).toString();
      response.end(`node:http ${request.method} ${request.url} ${body}\n`);
    };
    void answer();
  });
  const cors = createCors(["https://a.example"]);
  lane = openLane(server, {
    path: "/submit",
    publish,
    cors,
    keepAliveMs,
    onError: (error) => errors.push(error),
  });
  server.on("connection", (socket) => (accepted = socket));
  const socketPath = join(folder, "server.sock");
  server.listen(socketPath);
  await once(server, "listening");
  client = connect({ path: socketPath, allowHalfOpen: true });
  client.on("data", (chunk) => (received += chunk));
}

function post(data: string, more = ""): string {
  return `POST /submit HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${data.length}\r\n\r\n${data}`;
}

/** Resolves when the server has read it. */
async function deliver(bytes: string): Promise<void> {
  const before = accepted?.bytesRead ?? 0;
  client.write(bytes);
  await expect.poll(() => accepted?.bytesRead, { ...PATIENTLY, interval: 1 }).toBe(before + bytes.length);
}

/** Resolves once all of these have come, in this order. */
async function answers(...texts: readonly string[]): Promise<void> {
  const isThere = (): boolean => {
    let at = 0;
    return texts.every((text) => (at = received.indexOf(text, at) + 1) > 0);
  };
  while (!isThere()) await once(client, "data", { signal: AbortSignal.timeout(10_000) });
}

/** What a publisher is not answered before. */
function gate(): { readonly publish: Publish; readonly open: () => void; readonly entered: Promise<void> } {
  const [opened, entered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const publish: Publish = async (head, read) => {
    entered.resolve();
    await opened.promise;
    return echo(head, read);
  };
  return { publish, open: () => opened.resolve(), entered: entered.promise };
}

test("requests one after the other are answered past node:http", async () => {
  await start();
  for (const data of ["one", "two, longer", ""]) {
    client.write(post(data));
    await answers(`\r\n\r\n"${data}"`);
  }
  expect(received.match(/HTTP\/1\.1 200 OK\r$/gm)).toHaveLength(3);
  expect(received).toMatch(/^content-length: 13\r$/m);
  expect(received).toMatch(/^date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/m);
  expect(received).toMatch(/^connection: keep-alive\r\nkeep-alive: timeout=60\r$/m);
  expect(received).not.toContain("node:http");
});

test("another origin's page can read the answer", async () => {
  await start();
  client.write(post("a", "Origin: https://a.example\r\n"));
  await answers("access-control-allow-origin: https://a.example\r\n", '"a"');
});

test("a body may come after its head", async () => {
  await start();
  const [head = ""] = post("abc").split("abc");
  await deliver(head);
  client.write("abc");
  await answers('"abc"');
  expect(received).not.toContain("node:http");
});

test.each([
  ["another method", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "node:http GET /a "],
  ["another path", post("abc").replace("submit", "a"), "node:http POST /a abc"],
  [
    "chunks",
    "POST /submit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "node:http POST /submit abc",
  ],
  ["an expectation", post("abc", "Expect: 100-continue\r\n"), "node:http POST /submit abc"],
  ["no HTTP", "\x16\x03\x01\r\n\r\n", "HTTP/1.1 400 Bad Request"],
])("%s is node:http's", async (_name, bytes, answer) => {
  await start();
  client.write(post("first"));
  await answers('"first"');
  client.write(bytes);
  await answers('"first"', answer);
});

test("a connection that was handed over stays so", async () => {
  await start();
  client.write("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  await answers("node:http GET /a");
  client.write(post("abc"));
  await answers("node:http GET /a", "node:http POST /submit abc");
});

test("a head in pieces is node:http's, however small they are", async () => {
  await start();
  for (const byte of post("abc")) await deliver(byte);
  await answers("node:http POST /submit abc");
});

test("requests that do not wait for the answer are answered in their order", async () => {
  const { publish, open, entered } = gate();
  await start(publish);
  client.write(post("one"));
  await entered;
  await deliver(post("two") + post("three"));
  client.write(post("four"));
  open();
  await answers('"one"', "node:http POST /submit two", "POST /submit three", "POST /submit four");
});

test("a client that will send nothing more gets its answer, and then the end", async () => {
  const { publish, open, entered } = gate();
  await start(publish);
  client.end(post("last"));
  await entered;
  open();
  await once(client, "end");
  expect(received).toMatch(/"last"$/);
});

test("one that ends without a request, or within one, is let go", async () => {
  await start();
  await deliver(post("abc").slice(0, -1));
  client.end();
  await once(client, "end");
  expect(received).toBe("");
});

test("an answer that closes the connection does", async () => {
  await start();
  client.write(post("x".repeat(21)));
  await once(client, "end");
  expect(received).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r$/m);
  expect(received).toMatch(/^connection: close\r$/m);
});

test("a failure is 500 without details, is told to the log, and the connection goes on", async () => {
  const failure = new Error("secret detail");
  let calls = 0;
  await start((head, read) => (calls++ === 0 ? Promise.reject(failure) : echo(head, read)));
  client.write(post("one"));
  await answers("HTTP/1.1 500 Internal Server Error", '"internal"');
  client.write(post("two"));
  await answers('"two"');
  expect(errors).toEqual([failure]);
  expect(received).not.toContain("secret");
});

test("who does not read the answers is not read from for ever", async () => {
  await start(async () => answerJson(200, "x".repeat(2_000_000)));
  client.pause();
  await deliver(post("a"));
  await deliver(post("b"));
  client.resume();
  await answers("xxx", "node:http POST /submit b");
});

test("an idle connection is closed, and so is everything on request", async () => {
  await start(echo, 50);
  await deliver(post("a"));
  await once(client, "end");
  client = connect({ path: join(folder, "server.sock") });
  await once(server, "connection");
  lane.close();
  await once(client, "close");
});

test("a client that goes before the answer does no harm", async () => {
  const { publish, open, entered } = gate();
  await start(publish);
  client.write(post("a"));
  await entered;
  client.destroy();
  open();
  await expect.poll(() => accepted?.closed, PATIENTLY).toBe(true);
  expect(errors).toEqual([]);
});
