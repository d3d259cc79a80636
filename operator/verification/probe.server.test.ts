/** What the probe makes of real servers: a real runtime behind a real nginx, and what may stand in their place. */
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueAuthority, issueLeaf } from "#operator/certificates/issue.ts";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import { AUDIENCE, ISSUER, SigningKey } from "#runtime/test/jwt-issuer.ts";
import { RunningNginx } from "#runtime/test/nginx-program.ts";
import { freePort } from "#runtime/test/redis-server.ts";
import { RunningRuntime } from "#runtime/test/running-runtime.ts";
import { probeHttp2, type ProbeTarget } from "./probe.ts";

/** The servers of the one nginx, by what they are. */
const PLACES = [
  "good",
  "jwt",
  "full",
  "http11",
  "plain",
  "page",
  "stranger",
  "silent",
  "away",
  "error",
] as const;
type Place = (typeof PLACES)[number];

let directory: string;
let authority: KeyPair;
let leaf: KeyPair;
let ports: Record<Place, number>;
let nginx: RunningNginx;
let mute: Server;
const runtimes: RunningRuntime[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "probe-"));
  await chmod(directory, 0o755);
  const now = new Date();
  authority = await issueAuthority("CA", now);
  leaf = await issueLeaf(
    authority,
    { commonName: "demo", dnsNames: ["demo.shop.svc"], ipAddresses: [], validityDays: 1 },
    now,
  );
  mute = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(mute, "listening");
  await startRuntimes();
  ports = Object.fromEntries(
    await Promise.all(PLACES.map(async (place) => [place, await freePort()])),
  ) as Record<Place, number>;
  nginx = await RunningNginx.start({
    files: { "tls.crt": leaf.certificate, "tls.key": leaf.key },
    http: buildServers,
    port: ports.good,
  });
});

afterAll(async () => {
  await nginx?.stop();
  for (const runtime of runtimes) await runtime.stop();
  mute?.close();
  await rm(directory, { recursive: true });
});

async function startRuntimes(): Promise<void> {
  await writeFile(join(directory, "key.pem"), await (await SigningKey.create()).pem());
  const jwt = { keyDirectory: directory, issuer: ISSUER, audience: AUDIENCE };
  const settings = {
    good: {},
    full: { limits: { maxConnections: 1 } },
    jwt: { access: { subscribe: { mode: "Jwt" as const }, jwt } },
  };
  for (const [name, more] of Object.entries(settings)) {
    const socketPath = join(directory, `${name}.sock`);
    runtimes.push(await RunningRuntime.start({ listen: { socketPath }, ...more }));
    // nginx's workers may be another user.
    await chmod(socketPath, 0o666);
  }
}

function buildServers(own: string): string {
  const tls = `ssl_certificate ${own}/tls.crt; ssl_certificate_key ${own}/tls.key;`;
  const server = (place: Place, listen: string, location: string) =>
    `server { listen 127.0.0.1:${ports[place]} ${listen}; ${listen.includes("ssl") ? tls : ""} location / { ${location} } }`;
  const runtime = (name: string) =>
    `proxy_pass http://unix:${directory}/${name}.sock; proxy_http_version 1.1; proxy_buffering off;
     proxy_set_header Upgrade sse; proxy_set_header Connection upgrade;`;
  return [
    server("good", "ssl http2", runtime("good")),
    server("jwt", "ssl http2", runtime("jwt")),
    server("full", "ssl http2", runtime("full")),
    server("http11", "ssl", runtime("good")),
    server("plain", "", runtime("good")),
    server("page", "ssl http2", "default_type text/html; return 200 hello;"),
    server("stranger", "ssl http2", `add_header WWW-Authenticate 'Basic realm="x"' always; return 401;`),
    server("silent", "ssl http2", `proxy_pass http://127.0.0.1:${(mute.address() as AddressInfo).port};`),
    server("away", "ssl http2", `default_type text/event-stream; return 200 "retry: 1500\\n\\n";`),
    server("error", "ssl http2", "return 502;"),
  ].join("\n");
}

const LIMITS = { connectMs: 10_000, answerMs: 10_000 };
const IMPATIENT = { connectMs: 300, answerMs: 300 };

function target(port: number, change: Partial<ProbeTarget> = {}): ProbeTarget {
  return {
    address: "127.0.0.1",
    port,
    serverName: "demo.shop.svc",
    trusted: [leaf.certificate, authority.certificate],
    ...change,
  };
}

describe("a service as it should be", () => {
  test.each<[Place, string]>([
    ["good", "Open"],
    ["jwt", "TokenNeeded"],
  ])("%s is verified: %s", async (place, finding) => {
    const result = await probeHttp2(target(ports[place]), LIMITS);
    expect(result).toMatchObject({
      kind: "verified",
      finding,
      fingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/),
    });
  });

  test("is verified when its pods have no room for more streams", async () => {
    const [, full] = runtimes;
    const client = await full?.stream("");
    expect(await probeHttp2(target(ports.full), LIMITS)).toMatchObject({ kind: "verified", finding: "Full" });
    client?.close();
  });

  test("leaves no stream behind", async () => {
    const [good] = runtimes;
    await probeHttp2(target(ports.good), LIMITS);
    await expect.poll(() => good?.stats()).toMatchObject({ connections: 0 });
  });

  test("is known by its certificate alone, where no authority is told", async () => {
    const result = await probeHttp2(target(ports.good, { trusted: [leaf.certificate] }), LIMITS);
    expect(result).toMatchObject({ kind: "verified" });
  });
});

describe("what stands in its place is told apart", () => {
  test.each<[Place, string, string]>([
    ["http11", "NoHttp2", "TLS negotiated http/1.1 instead of h2"],
    ["plain", "NoTls", "No TLS handshake came about"],
    ["page", "WrongAnswer", "200 and text/html"],
    ["stranger", "WrongAnswer", "401 and text/html"],
    ["error", "WrongAnswer", "502 and text/html"],
    ["away", "NoHeartbeat", "carried no heartbeat"],
  ])("%s is %s", async (place, reason, message) => {
    expect(await probeHttp2(target(ports[place]), LIMITS)).toEqual({
      kind: "failed",
      failure: { reason, message: expect.stringContaining(message) },
    });
  });

  test("a certificate of another authority is CertificateRefused", async () => {
    const other = await issueAuthority("CA", new Date());
    const result = await probeHttp2(target(ports.good, { trusted: [other.certificate] }), LIMITS);
    expect(result).toMatchObject({ kind: "failed", failure: { reason: "CertificateRefused" } });
  });

  test("a server that never answers is NoHeartbeat", async () => {
    const result = await probeHttp2(target(ports.silent), { ...LIMITS, answerMs: 300 });
    expect(result).toMatchObject({ kind: "failed", failure: { reason: "NoHeartbeat" } });
  });

  test("a port where nobody speaks is NoTls", async () => {
    const { port } = mute.address() as AddressInfo;
    expect(await probeHttp2(target(port), IMPATIENT)).toMatchObject({ failure: { reason: "NoTls" } });
  });

  test("a closed port is Unreachable", async () => {
    expect(await probeHttp2(target(await freePort()), LIMITS)).toEqual({
      kind: "failed",
      failure: { reason: "Unreachable", message: expect.stringContaining("ECONNREFUSED") },
    });
  });
});
