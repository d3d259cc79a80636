/** The load tool against servers that do one thing wrong: figures of such a server must not come out. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { useLoadTool } from "./load-tool.ts";
import type { Address, LoadReport } from "./load.ts";

const SUBSCRIBERS = 5;
const EVENTS_A_SECOND = 40;

/** The writes to one subscriber for the event of this number. */
type Send = (subscriber: Socket, index: number, event: string, number: number) => void;

const honest: Send = (subscriber, _index, event) => void subscriber.write(event);

const load = useLoadTool();
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test("an honest server gets its figures", async () => {
  const report = await runAgainst(honest);
  const [phase] = report.Phases;
  expect(report).toMatchObject({ Lost: 0, Repeated: 0, Orders: 1 });
  expect(phase?.Published).toBeGreaterThan(0);
  expect(phase?.Delivered).toBe((phase?.Published ?? 0) * SUBSCRIBERS);
  expect(phase?.CpuSeconds).toBeGreaterThan(0);
  expect(phase?.P99Ms).toBeGreaterThanOrEqual(phase?.P50Ms ?? Number.NaN);
});

test("an event cut in two by the network is one event", async () => {
  const report = await runAgainst((subscriber, _index, event) => {
    subscriber.write(event.slice(0, 20));
    setImmediate(() => subscriber.write(event.slice(20)));
  });
  expect(report).toMatchObject({ Lost: 0, Repeated: 0, Orders: 1 });
});

test("an event that one subscriber does not get is lost", async () => {
  const run = runAgainst((subscriber, index, event, number) => {
    if (index !== 3 || number !== 4) subscriber.write(event);
  });
  await expect(run).rejects.toThrow("1 events lost, 0 repeated");
});

test("the last event counts too", async () => {
  let last: (() => void) | undefined;
  const run = runAgainst((subscriber, index, event) => {
    if (index !== 3) return void subscriber.write(event);
    last?.();
    last = () => void subscriber.write(event);
  });
  await expect(run).rejects.toThrow("1 events lost, 0 repeated");
});

test("an event that comes twice is a repeat", async () => {
  const run = runAgainst((subscriber, index, event, number) => {
    subscriber.write(index === 3 && number === 4 ? event + event : event);
  });
  await expect(run).rejects.toThrow("0 events lost, 1 repeated");
});

test("two publishers' events in another order for one subscriber are seen", async () => {
  let kept = "";
  const run = runAgainst(
    (subscriber, index, event, number) => {
      // The first one goes to everybody before the two publishers begin with one each.
      if (index === 3 && number === 2) kept = event;
      else subscriber.write(index === 3 && number === 3 ? event + kept : event);
    },
    { publishers: 2 },
  );
  await expect(run).rejects.toThrow(/0 events lost, 0 repeated, 2 different orders/);
});

test("with a topic each, everybody gets only its own", async () => {
  const report = await runAgainst(
    (subscriber, index, event) => {
      if (event.includes(`<${index}>`)) subscriber.write(event);
    },
    { eachItsOwn: true },
  );
  expect(report).toMatchObject({ Lost: 0, Repeated: 0 });
  expect(report.Phases[0]?.Delivered).toBe(report.Phases[0]?.Published);
});

test("with a topic each, what goes astray is lost to one and too much for another", async () => {
  const run = runAgainst(
    (subscriber, index, event, number) => {
      const target = number === 4 ? (index + 1) % SUBSCRIBERS : index;
      if (event.includes(`<${target}>`)) subscriber.write(event);
    },
    { eachItsOwn: true },
  );
  await expect(run).rejects.toThrow(/1 repeated/);
});

test("a refused publisher ends it", async () => {
  await expect(runAgainst(honest, { status: 503 })).rejects.toThrow("publishing was answered with");
});

interface Options {
  readonly publishers?: number;
  readonly status?: number;
  readonly eachItsOwn?: boolean;
}

async function runAgainst(send: Send, options: Options = {}): Promise<LoadReport> {
  const address: Address = { network: "unix", address: join(load.folder, "server.sock") };
  server = await startLiar(address.address, send, options.status ?? 200);
  return load.run({
    subscribers: SUBSCRIBERS,
    subscribe: {
      ...address,
      request: "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: sse\r\n\r\n",
    },
    publish: { ...address, head: "POST / HTTP/1.1\r\nHost: x\r\n", before: "<{n}>" },
    eachItsOwn: options.eachItsOwn ?? false,
    pids: [process.pid],
    settleMs: 0,
    phases: [{ name: "all", publishers: options.publishers ?? 1, rate: EVENTS_A_SECOND, seconds: 0.3 }],
  });
}

async function startLiar(path: string, send: Send, status: number): Promise<Server> {
  const subscribers: Socket[] = [];
  let number = 0;
  const publish = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const data = (await request.toArray()).join("");
    number++;
    for (const [index, subscriber] of subscribers.entries())
      send(subscriber, index, `data: ${data}\n\n`, number);
    response.writeHead(status, { "content-length": 0 }).end();
  };
  const started = createServer((request, response) => void publish(request, response));
  started.on("upgrade", (_request, socket: Socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    subscribers.push(socket);
  });
  started.listen(path);
  await once(started, "listening");
  return started;
}
