/** The sidecar's way past node:http through a real nginx: TLS and HTTP/2 outside, a unix socket inside. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EventStreamReader, PATIENTLY } from "./event-stream-reader.ts";
import { RunningRuntime } from "./running-runtime.ts";

let directory: string;
let runtime: RunningRuntime;
let nginx: ChildProcess;
let session: ClientHttp2Session;
let port: number;

beforeAll(async () => {
  installNginx();
  directory = await mkdtemp(join(tmpdir(), "nginx-"));
  await chmod(directory, 0o755);
  await mkdir(join(directory, "temp"));
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost";
  const files = ["-keyout", join(directory, "tls.key"), "-out", join(directory, "tls.crt")];
  execFileSync("openssl", [...request.split(" "), ...files], { stdio: "ignore" });
  port = await freePort();
  await writeFile(join(directory, "nginx.conf"), nginxConf(directory, port));
  await startRuntime();
  nginx = spawn("nginx", ["-p", directory, "-c", join(directory, "nginx.conf")], { stdio: "ignore" });
  await vi.waitFor(async () => expect(await isNginxUp()).toBe(true), PATIENTLY);
  session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
});

afterAll(async () => {
  session.destroy();
  nginx.kill("SIGTERM");
  await once(nginx, "exit");
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

/** From the distribution, where it is not there yet. */
function installNginx(): void {
  try {
    execFileSync("nginx", ["-v"], { stdio: "ignore" });
  } catch {
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "nginx-light"], { stdio: "ignore" });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return free;
}

async function isNginxUp(): Promise<boolean> {
  const probe = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const isUp = await new Promise<boolean>((resolve) => {
    probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  probe.destroy();
  return isUp;
}

function nginxConf(directory: string, port: number): string {
  return `
daemon off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${directory}/temp; proxy_temp_path ${directory}/temp; fastcgi_temp_path ${directory}/temp;
  uwsgi_temp_path ${directory}/temp; scgi_temp_path ${directory}/temp;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${directory}/tls.crt;
    ssl_certificate_key ${directory}/tls.key;
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
}
`;
}
