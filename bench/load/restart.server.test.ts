/** The load tool's subscribers after a restart, with servers that resume them well or badly. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { useLoadTool } from "./load-tool.ts";
import type { LoadReport } from "./load.ts";

const SUBSCRIBERS = 5;
const BEHIND = 10;
const RETRY_MS = 50;

/** What one that comes back gets of the events, of which it says to have read so many. */
type Resume = (events: readonly string[], read: number) => readonly string[];

const faithful: Resume = (events, read) => events.slice(read);

const load = useLoadTool();
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test("subscribers come back after the time they were told, with the last id they have read", async () => {
  const reads: number[] = [];
  const { Restart: restart } = await runAgainst((events, read) => {
    reads.push(read);
    return faithful(events, read);
  });
  // One event was sent to see that everybody is there.
  expect(reads).toEqual(Array.from({ length: SUBSCRIBERS }, () => 1));
  expect(restart?.CaughtUpSeconds).toBeGreaterThanOrEqual(RETRY_MS / 1_000);
  expect(restart?.LiveSeconds).toBeGreaterThanOrEqual(restart?.CaughtUpSeconds ?? Number.NaN);
});

test("half an event at the end of a stream has not been read", async () => {
  const { Lost, Repeated } = await runAgainst(faithful, { halfOfNext: true });
  expect({ Lost, Repeated }).toEqual({ Lost: 0, Repeated: 0 });
});

test("an event that was missed and does not come is lost", async () => {
  const run = runAgainst((events, read) => faithful(events, read).toSpliced(4, 1));
  await expect(run).rejects.toThrow(`${SUBSCRIBERS} events lost, 0 repeated`);
});

test("an event that had been read and comes again is a repeat", async () => {
  await expect(runAgainst((events, read) => faithful(events, read - 1))).rejects.toThrow(
    `0 events lost, ${SUBSCRIBERS} repeated`,
  );
});

test("whoever gets nothing is waited for in vain", async () => {
  await expect(runAgainst(() => [])).rejects.toThrow(
    `${SUBSCRIBERS} of ${SUBSCRIBERS} streams are back, and ${SUBSCRIBERS * BEHIND} events have not come`,
  );
});

async function runAgainst(resume: Resume, options: { halfOfNext?: boolean } = {}): Promise<LoadReport> {
  const address = { network: "unix", address: join(load.folder, "server.sock") } as const;
  const victim = spawn("sleep", ["60"]);
  server = await serve(address.address, resume, options.halfOfNext === true);
  return load.run({
    subscribers: SUBSCRIBERS,
    subscribe: {
      ...address,
      request: "GET /status HTTP/1.1\r\nHost: test\r\nConnection: upgrade\r\nUpgrade: sse\r\n\r\n",
    },
    publish: { ...address, head: "POST /submit HTTP/1.1\r\nHost: test\r\n" },
    pids: [victim.pid ?? Number.NaN],
    settleMs: 0,
    phases: [],
    restart: { events: BEHIND, timeoutSeconds: 5 },
  });
}

/**
 * Stands for the killed server and for the replica that is published to meanwhile: with the second event, the first
 * one after the kill, it ends all streams; in the middle of an event if asked.
 */
async function serve(path: string, resume: Resume, halfOfNext: boolean): Promise<Server> {
  const subscribers = new Set<Socket>();
  const events: string[] = [];
  const publish = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const data = await text(request);
    const block = `id: ${events.length + 1}\ndata: ${data}\n\n`;
    const isCut = events.length === 1;
    for (const subscriber of subscribers) {
      if (isCut) subscriber.end(halfOfNext ? block.slice(0, -2) : "");
      else subscriber.write(block);
    }
    if (isCut) subscribers.clear();
    events.push(block);
    response.writeHead(200, { "content-length": 0 }).end();
  };
  const started = createServer((request, response) => void publish(request, response));
  started.on("upgrade", (request, socket: Socket) => {
    const lastId = request.headers["last-event-id"];
    const missed = lastId === undefined ? [] : resume(events, Number(lastId));
    socket.on("error", () => undefined).on("close", () => subscribers.delete(socket));
    socket.write(`HTTP/1.1 200 OK\r\n\r\nretry: ${RETRY_MS}\nid: 0\n\n${missed.join("")}`);
    subscribers.add(socket);
  });
  started.listen(path);
  await once(started, "listening");
  return started;
}
