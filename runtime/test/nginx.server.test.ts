/** The sidecar's way past node:http through a real nginx: TLS and HTTP/2 outside, a unix socket inside. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventStreamReader, PATIENTLY } from "./event-stream-reader.ts";
import { RunningNginx } from "./nginx-program.ts";
import { freePort } from "./redis-server.ts";
import { RunningRuntime } from "./running-runtime.ts";

let directory: string;
let runtime: RunningRuntime;
let nginx: RunningNginx;
let session: ClientHttp2Session;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sidecar-"));
  await chmod(directory, 0o755);
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost";
  const [key, certificate] = [join(directory, "tls.key"), join(directory, "tls.crt")];
  execFileSync("openssl", [...request.split(" "), "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const files = {
    "tls.key": await readFile(key, "utf8"),
    "tls.crt": await readFile(certificate, "utf8"),
  };
  const port = await freePort();
  await startRuntime();
  nginx = await RunningNginx.start({ files, port, http: (own) => sidecarServer(own, port) });
  session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
});

afterAll(async () => {
  session.destroy();
  await nginx.stop();
  await runtime.stop();
  await rm(directory, { recursive: true });
});

test("a stream's head and first block arrive at once, without the upgrade's traces", async () => {
  const { headers, reader, stream } = await open("/status");
  await reader.opening();
  expect(headers).toMatchObject({
    ":status": 200,
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  expect(headers).not.toHaveProperty("content-length");
  stream.close();
  await expect.poll(() => runtime.stats(), PATIENTLY).toMatchObject({ connections: 0 });
});

test("fifty streams on one connection get every event, and a resume what it missed", async () => {
  const clients = await Promise.all(Array.from({ length: 50 }, () => open("/status?topic=many")));
  for (const { reader } of clients) await reader.opening();
  const ids: string[] = [];
  for (let index = 0; index < 20; index++) {
    const { text } = await runtime.publish(`${index}\n${"x".repeat(20_000)}`, "?topic=many");
    ids.push(JSON.parse(text).id);
  }
  for (const { reader } of clients) {
    expect((await reader.events(20)).map(({ lastEventId }) => lastEventId)).toEqual(ids);
  }
  const resumed = await open("/status?topic=many", { "last-event-id": ids[17] });
  expect((await resumed.reader.events(2)).map(({ lastEventId }) => lastEventId)).toEqual(ids.slice(18));
  for (const { stream } of [...clients, resumed]) stream.close();
});

test("a stream that the runtime ends is a clean end", async () => {
  await runtime.stop();
  await startRuntime({ maxConnections: 1 });
  const first = await open("/status");
  const refused = await open("/status");
  expect((await refused.reader.end()).parser.comments).toEqual(["end connection_limit"]);
  expect(refused.headers[":status"]).toBe(200);
  expect(refused.stream.rstCode).toBe(0);
  first.stream.close();
});

test("a bad request stays a 400, and a dead runtime is an empty stream with a time to come back", async () => {
  const bad = await open("/status?topic=");
  expect(bad.headers).toMatchObject({ ":status": 400, "content-type": "application/json" });
  await runtime.stop();
  const down = await open("/status");
  expect((await down.reader.end()).parser.reconnectionTimeMs).toBe(1_500);
  expect(down.headers).toMatchObject({ ":status": 200, "content-type": "text/event-stream" });
  await startRuntime();
});

async function open(path: string, more: Record<string, string | undefined> = {}) {
  const stream: ClientHttp2Stream = session.request({ ":path": path, ...more });
  const reader = new EventStreamReader(stream);
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  return { stream, headers, reader };
}

async function startRuntime(limits = {}): Promise<void> {
  const socketPath = join(directory, "runtime.sock");
  runtime = await RunningRuntime.start({ listen: { socketPath }, limits });
  /** In a pod both share a group; here nginx's workers may be another user. */
  await chmod(socketPath, 0o666);
}

function sidecarServer(own: string, port: number): string {
  return `
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${own}/tls.crt;
    ssl_certificate_key ${own}/tls.key;
    location = /status {
      proxy_pass http://unix:${directory}/runtime.sock;
      proxy_http_version 1.1;
      proxy_set_header Upgrade sse;
      proxy_set_header Connection upgrade;
      proxy_buffering off;
      proxy_pass_header X-Accel-Buffering;
      error_page 502 503 504 =200 @down;
    }
    location @down {
      default_type text/event-stream;
      return 200 "retry: 1500\\n\\n";
    }
  }
`;
}
