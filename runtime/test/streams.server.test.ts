/** What a subscriber sees on a real connection, through node:http and through the sidecar's way past it. */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PATIENTLY } from "./event-stream-reader.ts";
import { RunningRuntime, send, type Ask } from "./running-runtime.ts";
import type { RuntimeConfigInput } from "#runtime/config.ts";

let runtime: RunningRuntime;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "socket-"));
});
afterEach(async () => {
  await runtime.stop();
  await rm(directory, { recursive: true, force: true });
});

const WAYS = [
  { way: "node:http over TCP", isUnix: false, headers: {} },
  { way: "node:http over a unix socket", isUnix: true, headers: {} },
  { way: "the upgrade over TCP", isUnix: false, headers: { upgrade: "sse", connection: "upgrade" } },
  { way: "the upgrade over a unix socket", isUnix: true, headers: { upgrade: "SSE", connection: "Upgrade" } },
];

describe.each(WAYS)("by $way", ({ isUnix, headers }) => {
  const start = async (config: RuntimeConfigInput = {}): Promise<void> => {
    const listen = isUnix ? { socketPath: join(directory, "s") } : { host: "127.0.0.1", port: 0 };
    runtime = await RunningRuntime.start({ listen, ...config });
  };
  const stream = (query?: string, more = {}) => runtime.stream(query, { ...headers, ...more });

  test("the head says what a stream is, and the first block where it is", async () => {
    await start();
    const { response, parser } = await (await stream()).opening();
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    expect(parser.lastEventId).toMatch(/^[a-z0-9]+\.0$/);
    expect(parser.reconnectionTimeMs).toBeGreaterThanOrEqual(1_600);
    expect(parser.reconnectionTimeMs).toBeLessThanOrEqual(2_400);
  });

  test("what is published arrives as it was, with the id that the publisher was told", async () => {
    await start();
    const client = await stream("?topic=a");
    const { text } = await runtime.publish("\uFEFF one\r\n\ntwo", "?topic=a&event=note");
    expect(await client.events(1)).toEqual([
      { type: "note", data: "\uFEFF one\n\ntwo", lastEventId: JSON.parse(text).id },
    ]);
  });

  test("a stream resumes after its cursor; the header wins over the URL", async () => {
    await start();
    const ids: string[] = [];
    for (const data of ["1", "2", "3"]) ids.push(JSON.parse((await runtime.publish(data)).text).id);
    const byUrl = await stream(`?lastEventId=${ids[0]}`);
    const byHeader = await stream(`?lastEventId=${ids[0]}`, { "last-event-id": ids[1] });
    expect((await byUrl.events(2)).map(({ data }) => data)).toEqual(["2", "3"]);
    expect((await byHeader.events(1)).map(({ data }) => data)).toEqual(["3"]);
  });

  test("a cursor of another life is told as a gap, and no error", async () => {
    await start();
    const client = await stream("", { "last-event-id": "0123456789.5" });
    const [gap] = await client.events(1);
    expect(gap?.type).toBe("gap");
    expect(JSON.parse(gap?.data ?? "")).toMatchObject({ requested: "0123456789.5", reason: "epoch" });
    expect(JSON.parse(gap?.data ?? "").oldest).toBe(gap?.lastEventId);
  });

  test("hello names the pod", async () => {
    await start();
    const [hello] = await (await stream("?hello=1")).events(1);
    expect(hello).toMatchObject({ type: "hello" });
    expect(JSON.parse(hello?.data ?? "")).toEqual({ pod: "pod-1", cursor: hello?.lastEventId });
  });

  test("a quiet stream has a heartbeat", async () => {
    await start({ stream: { heartbeatSeconds: 1 } });
    const client = await stream("?topic=quiet");
    const { id } = JSON.parse((await runtime.publish("elsewhere", "?topic=busy")).text);
    await expect.poll(() => client.parser.lastEventId, PATIENTLY).toBe(id);
    expect(client.data).toEqual([]);
  });

  test("a client that leaves is noticed", async () => {
    await start();
    const client = await stream();
    expect(await runtime.stats()).toMatchObject({ connections: 1 });
    client.close();
    await expect.poll(() => runtime.stats(), PATIENTLY).toMatchObject({ connections: 0 });
    expect(await runtime.metric('sse_streams_ended_total{reason="client_closed"}')).toBe(1);
  });

  test("a client that says more than its request, and leaves, is noticed", async () => {
    await start();
    const socket = await openSocket(headers);
    await once(socket, "data");
    socket.end("more");
    await expect.poll(() => runtime.stats(), PATIENTLY).toMatchObject({ connections: 0 });
  });

  test("a long history is read to its end, as fast as the client reads", async () => {
    await start({ limits: { maxBufferedBytesPerSubscriber: 65_536 } });
    const ids: string[] = [];
    for (let index = 0; index < 100; index++) {
      ids.push(JSON.parse((await runtime.publish("x".repeat(60_000))).text).id);
    }
    const client = await stream(`?lastEventId=${ids[0]}`);
    client.response.pause();
    await runtime.publish("live");
    client.response.resume();
    const events = await client.events(100);
    expect(events.map(({ lastEventId }) => lastEventId).slice(0, -1)).toEqual(ids.slice(1));
    expect(events.at(-1)?.data).toBe("live");
  });

  test("one stream too many is told when to come back, and is no error", async () => {
    await start({ limits: { maxConnections: 1 } });
    await stream();
    const refused = await (await stream()).end();
    expect(refused.response.statusCode).toBe(200);
    expect(refused.response.headers["content-type"]).toBe("text/event-stream");
    expect(refused.parser).toMatchObject({ blocks: [{}], events: [], comments: ["end connection_limit"] });
    expect(refused.parser.reconnectionTimeMs).toBeGreaterThanOrEqual(1_600);
    expect(await runtime.metric('sse_streams_refused_total{reason="connection_limit"}')).toBe(1);
  });

  test("a bad topic is 400", async () => {
    await start();
    const answer = await send(runtime.address, { path: "/status?topic=", headers });
    expect(answer).toMatchObject({ status: 400, headers: { "content-type": "application/json" } });
    expect(JSON.parse(answer.text).error).toMatchObject({ code: "invalid_topic", field: "topic" });
  });

  test("a subscriber that reads nothing is cut, and the others get everything", async () => {
    await start({ limits: { maxBufferedBytesPerSubscriber: 65_536 } });
    const reading = await stream();
    const lazy = await openLazily(headers);
    const closed = once(lazy, "close");
    let published = 0;
    while ((await runtime.metric('sse_streams_ended_total{reason="slow_subscriber"}')) === 0) {
      await runtime.publish(`${published++} ${"x".repeat(60_000)}`);
      expect(published).toBeLessThan(1_000);
    }
    lazy.resume();
    await closed;
    const events = await reading.events(published);
    expect(events.map(({ data }) => Number.parseInt(data, 10))).toEqual(events.map((_, index) => index));
    expect(await runtime.stats()).toMatchObject({ connections: 1 });
  });
});

/** Asks for a stream and then never reads from its socket. */
async function openLazily(headers: Record<string, string>): Promise<Socket> {
  const { connections } = await runtime.stats();
  const socket = await openSocket(headers);
  socket.pause();
  await expect.poll(() => runtime.stats(), PATIENTLY).toMatchObject({ connections: connections + 1 });
  return socket;
}

async function openSocket(headers: Record<string, string>): Promise<Socket> {
  const { address } = runtime;
  const socket = "socketPath" in address ? connect(address.socketPath) : connect(address);
  socket.on("error", () => {});
  await once(socket, "connect");
  const lines = Object.entries({ host: "x", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET /status HTTP/1.1\r\n${lines.join("")}\r\n`);
  return socket;
}

describe("around the streams", () => {
  test.each<[Ask, number]>([
    [{ method: "HEAD", path: "/status" }, 200],
    [{ method: "HEAD", path: "/status?topic=" }, 400],
    [{ method: "POST", path: "/status" }, 405],
    [{ method: "OPTIONS", path: "/status" }, 204],
  ])("%j is %i, with and without the upgrade", async (ask, status) => {
    runtime = await RunningRuntime.start();
    expect(await runtime.send(ask)).toMatchObject({ status });
    expect(await runtime.send({ ...ask, headers: WAYS[2]?.headers ?? {} })).toMatchObject({ status });
  });

  test.each(["h2c", "websocket", "sse2"])("an upgrade to %s is ignored", async (upgrade) => {
    runtime = await RunningRuntime.start();
    const client = await runtime.stream("", { upgrade, connection: "upgrade" });
    expect((await client.opening()).response.headers["transfer-encoding"]).toBe("chunked");
  });

  test("the socket file of a killed process is replaced, and the sidecar's group may write to it", async () => {
    const socketPath = join(directory, "s");
    await writeFile(socketPath, "");
    runtime = await RunningRuntime.start({ listen: { socketPath } });
    expect((await stat(socketPath)).mode & 0o777).toBe(0o660);
    expect(await runtime.publish("x")).toMatchObject({ status: 200 });
  });
});
