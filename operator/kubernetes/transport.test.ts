import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openPki, type Pki } from "#cluster/pki.ts";
import { createManualClock } from "#operator/engine/manual-clock.ts";
import { createTransport, type HttpResponse, type RequestRecord } from "./transport.ts";

type Seen = { path: unknown; authorization: unknown; userAgent: unknown };

type TestServer = {
  url: string;
  port: number;
  seen: Seen[];
  connections: () => number;
  answer: { status: number; ends: boolean };
  stop(): Promise<void>;
};

let folder: string;
let pki: Pki;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "transport-"));
  pki = await openPki(join(folder, "pki"));
});

afterEach(() => rm(folder, { recursive: true }));

/** An HTTP/2 server that writes down who asks. */
async function startServer(authority = pki, port = 0): Promise<TestServer> {
  const { certPath, keyPath } = await authority.issue("server", {
    user: "server",
    ipAddresses: ["127.0.0.1"],
  });
  const server = createSecureServer({ cert: await readFile(certPath), key: await readFile(keyPath) });
  const seen: Seen[] = [];
  const answer = { status: 200, ends: true };
  let connections = 0;
  server.on("session", () => {
    connections += 1;
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    seen.push({
      path: headers[":path"],
      authorization: headers.authorization,
      userAgent: headers["user-agent"],
    });
    stream.on("error", () => {}); // the client hung up
    stream.respond({ ":status": answer.status });
    stream.write("body");
    if (answer.ends) stream.end();
  });
  const stop = stopper(server);
  onTestFinished(stop);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${address.port}`,
    port: address.port,
    seen,
    connections: () => connections,
    answer,
    stop,
  };
}

function stopper(server: Http2SecureServer): () => Promise<void> {
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const session of sessions) session.destroy();
    });
}

function configFor(server: string, user: object, authority = pki): KubeConfig {
  const config = new KubeConfig();
  const caData = Buffer.from(authority.authorityPem).toString("base64");
  config.loadFromClusterAndUser({ name: "c", server, caData, skipTLSVerify: false }, { name: "u", ...user });
  return config;
}

function startTransport(loadConfig: () => KubeConfig) {
  const clock = createManualClock();
  const transport = createTransport({ loadConfig, userAgent: "agent/1", clock });
  onTestFinished(() => transport.close());
  const get = async (path = "/") => {
    const response = await transport.send({ method: "GET", path });
    return { status: response.status, text: await textOf(response) };
  };
  return { transport, clock, get };
}

async function textOf(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("sends who we are, and gives back what came, an error status included", async () => {
  const server = await startServer();
  server.answer.status = 503;
  const { get } = startTransport(() => configFor(`${server.url}/prefix/`, { token: "secret" }));
  expect(await get("/api?x=1")).toEqual({ status: 503, text: "body" });
  expect(server.seen).toEqual([
    { path: "/prefix/api?x=1", authorization: "Bearer secret", userAgent: "agent/1" },
  ]);
});

test("many streams and many requests share one connection", async () => {
  const server = await startServer();
  const { transport, get } = startTransport(() => configFor(server.url, {}));
  server.answer.ends = false;
  for (let count = 0; count < 10; count += 1) await transport.send({ method: "GET", path: "/watch" });
  server.answer.ends = true;
  await Promise.all(Array.from({ length: 50 }, () => get()));
  expect(server.seen).toHaveLength(60);
  expect(server.connections()).toBe(1);
});

test("closing ends what is open", async () => {
  const server = await startServer();
  server.answer.ends = false;
  const { transport } = startTransport(() => configFor(server.url, {}));
  const reading = textOf(await transport.send({ method: "GET", path: "/" })).catch((error: unknown) => error);
  await transport.close();
  expect(await reading).toBeInstanceOf(Error);
});

describe("credentials", () => {
  test("a token file may end with a newline", async () => {
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, "from-file\n");
    const server = await startServer();
    const user = { authProvider: { name: "tokenFile", config: { tokenFile } } };
    await startTransport(() => configFor(server.url, user)).get();
    expect(server.seen[0]?.authorization).toBe("Bearer from-file");
  });

  test("a user name and a password are basic authentication", async () => {
    const server = await startServer();
    await startTransport(() => configFor(server.url, { username: "eve", password: "pw" })).get();
    expect(server.seen[0]?.authorization).toBe(`Basic ${btoa("eve:pw")}`);
  });

  test("are read anew after they were refused, but not again and again", async () => {
    const server = await startServer();
    server.answer.status = 401;
    let reads = 0;
    const { get, clock } = startTransport(() => {
      reads += 1;
      return configFor(server.url, { token: `token-${reads}` });
    });
    await get();
    await get();
    clock.advance(10_000);
    for (let count = 0; count < 5; count += 1) await get();
    const tokens = server.seen.map(({ authorization }) => authorization);
    expect(tokens).toEqual([...Array(3).fill("Bearer token-1"), ...Array(4).fill("Bearer token-2")]);
  });
});

describe("the server's certificate authority", () => {
  test("may be replaced: the new one is read, and it goes on", async () => {
    const next = await openPki(join(folder, "next-pki"));
    const first = await startServer();
    let authority = pki;
    const { get, clock } = startTransport(() => configFor(first.url, {}, authority));
    expect(await get()).toMatchObject({ status: 200 });
    await first.stop();
    await startServer(next, first.port);
    authority = next;
    clock.advance(10_000);
    const attempts = async () =>
      get().then(
        ({ status }) => status,
        () => "refused",
      );
    await expect.poll(attempts).toBe(200);
  });

  test("is not trusted because it answers", async () => {
    const server = await startServer(await openPki(join(folder, "stranger")));
    const { get, clock } = startTransport(() => configFor(server.url, {}));
    await expect(get()).rejects.toMatchObject({ code: expect.stringMatching(/CERT|SIGNATURE/) });
    clock.advance(60_000);
    await expect(get()).rejects.toMatchObject({ code: expect.stringMatching(/CERT|SIGNATURE/) });
    expect(server.seen).toEqual([]);
  });
});

describe("configuration", () => {
  test("is read once while all is well, and anew after a failure to read it", async () => {
    const server = await startServer();
    let reads = 0;
    const { get } = startTransport(() => {
      reads += 1;
      if (reads === 1) throw new Error("no such file");
      return configFor(server.url, {});
    });
    await expect(get()).rejects.toThrow("no such file");
    for (let count = 0; count < 3; count += 1) await get();
    expect(reads).toBe(2);
  });

  test("without a cluster is one clear error", async () => {
    const { get } = startTransport(() => new KubeConfig());
    await expect(get()).rejects.toThrow("the kubeconfig has no current context");
  });
});

test("tells of every request, with the status that came or none", async () => {
  const server = await startServer();
  const records: RequestRecord[] = [];
  const transport = createTransport({
    loadConfig: () => configFor(`${server.url}/prefix`, {}),
    userAgent: "agent/1",
    onRequest: (record) => records.push(record),
  });
  onTestFinished(() => transport.close());
  server.answer.status = 404;
  await textOf(await transport.send({ method: "GET", path: "/" }));
  await server.stop();
  await expect(transport.send({ method: "PATCH", path: "/" })).rejects.toThrow(
    /ECONNREFUSED|other side closed|closed/,
  );
  const host = `127.0.0.1:${server.port}`;
  expect(records).toEqual([
    { method: "GET", host, status: 404 },
    { method: "PATCH", host, status: undefined },
  ]);
});
