/** A real process and real signals: what a client sees while a pod goes. */
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ChildRuntime } from "./child-runtime.ts";
import { send } from "./running-runtime.ts";
import { StreamClient } from "./stream-client.ts";

let child: ChildRuntime;
afterEach(() => child.stop());

async function streams(count: number): Promise<StreamClient[]> {
  const address = await child.address();
  const clients = Array.from({ length: count }, async () =>
    (await StreamClient.open(address, "/status")).opening(),
  );
  return Promise.all(clients);
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("ends every stream with a word of it, and the process with success", async () => {
    child = await ChildRuntime.start({});
    const clients = await streams(20);
    child.signal(signal);
    for (const client of clients) {
      expect((await client.end()).parser.comments).toEqual(["end shutdown"]);
    }
    expect(await child.exited).toBe(0);
  });
});

test("while streams are being ended, one that comes is told to come back, and publishing works", async () => {
  child = await ChildRuntime.start({});
  const clients = await streams(300);
  const address = await child.address();
  child.signal("SIGTERM");
  await child.logged("draining: ending the streams");
  const late = await (await StreamClient.open(address, "/status")).end();
  expect(late.response.statusCode).toBe(200);
  expect(late.parser.comments).toEqual(["end shutdown"]);
  const answer = await send(address, { method: "POST", path: "/submit", body: "meanwhile" });
  expect(answer.status).toBe(200);
  await Promise.all(clients.map((client) => client.end()));
  expect(clients.filter(({ data }) => data.includes("meanwhile")).length).toBeGreaterThan(0);
  expect(await child.exited).toBe(0);
});

test("behind a sidecar nothing ends before the sidecar has stopped taking connections", async () => {
  const sidecar = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(sidecar, "listening");
  const { port } = sidecar.address() as AddressInfo;
  child = await ChildRuntime.start({ drain: { proxyPort: port } });
  const [before] = await streams(1);
  child.signal("SIGTERM");
  const polls = [once(sidecar, "connection"), once(sidecar, "connection")];
  await Promise.all(polls);
  const [during] = await streams(1);
  await send(await child.address(), { method: "POST", path: "/submit", body: "still here" });
  expect((await during?.events(1))?.[0]?.data).toBe("still here");
  expect(before?.hasEnded).toBe(false);
  sidecar.close();
  for (const client of [before, during])
    expect((await client?.end())?.parser.comments).toEqual(["end shutdown"]);
  expect(await child.exited).toBe(0);
});

test("a second signal does not wait for the sidecar", async () => {
  const sidecar = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(sidecar, "listening");
  const { port } = sidecar.address() as AddressInfo;
  child = await ChildRuntime.start({ drain: { proxyPort: port } });
  const [client] = await streams(1);
  child.signal("SIGTERM");
  await child.logged("draining: waiting for the sidecar to stop taking connections");
  child.signal("SIGTERM");
  expect((await client?.end())?.parser.comments).toEqual(["end shutdown"]);
  expect(await child.exited).toBe(0);
  sidecar.close();
});

describe("a wrong start is one clear message and status 1", () => {
  test("a configuration that is not valid", async () => {
    child = await ChildRuntime.start('{"stream":{"heartbeatSeconds":"x"},"listn":{}}');
    expect(await child.exited).toBe(1);
    expect(child.stderr).toMatch(/Cannot use the configuration/);
    expect(child.stderr).toMatch(/heartbeatSeconds/);
    expect(child.stderr).toMatch(/listn/);
    expect(child.stderr).not.toMatch(/\bat .*\.ts/);
  });

  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    child = await ChildRuntime.start({ listen: { host: "127.0.0.1", port } });
    expect(await child.exited).toBe(1);
    expect(child.log).toMatchObject([{ msg: "cannot start", err: { code: "EADDRINUSE" } }]);
    other.close();
  });
});
