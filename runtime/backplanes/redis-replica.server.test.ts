/**
 * The moment before every failover: the primary has what its replica has not, and still counts the replica as there.
 * What is acknowledged in it must be on the replica, since whatever is not will be gone.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordPod } from "#runtime/test/recorded-pod.ts";
import { openStreamsPod } from "#runtime/test/redis-pods.ts";
import { APPEND_ONLY, RedisServer } from "#runtime/test/redis-server.ts";
import { TcpProxy } from "#runtime/test/tcp-proxy.ts";
import type { Backplane } from "#runtime/broker/backplane.ts";
import { batchOf, store } from "./contract.ts";

let primary: RedisServer;
let link: TcpProxy;
let replica: RedisServer;
let backplanes: Backplane[];

beforeEach(async () => {
  primary = await RedisServer.start("valkey-8", {
    ...APPEND_ONLY,
    "min-replicas-to-write": "1",
    "repl-diskless-sync-delay": "0",
  });
  link = await TcpProxy.start(primary.port);
  replica = await RedisServer.start("valkey-8", { ...APPEND_ONLY, replicaof: `127.0.0.1 ${link.port}` });
  await expect.poll(() => primary.command("INFO", "replication")).toMatch(/state=online/);
  backplanes = [];
});

afterEach(async () => {
  await Promise.all(backplanes.map((backplane) => backplane.close()));
  await Promise.all([primary.dispose(), replica.dispose(), link.stop()]);
});

async function open(server: RedisServer, minReplicas: number): Promise<Backplane> {
  // Longer than the server waits for its replicas.
  const patient = { readUrl: async () => server.url, readCa: async () => undefined, answerTimeoutMs: 10_000 };
  const backplane = await openStreamsPod({ url: "", server: patient, minReplicas });
  backplanes.push(backplane);
  return backplane;
}

test("only minReplicas keeps an event that the replica lacks from being acknowledged", async () => {
  const [trusting, confirming] = [await open(primary, 0), await open(primary, 1)];
  const batch = { ...batchOf("not there"), key: "key" };
  await store(confirming, batchOf("there"));
  link.loseReplies();
  await store(trusting, batchOf("acknowledged and lost"));
  expect(await confirming.append(batch)).toMatchObject({ kind: "unknown" });
  // On another pod its key is found, and that alone would be no write for which a confirmation could be asked.
  expect(await (await open(primary, 1)).append(batch)).toMatchObject({ kind: "unknown" });

  await primary.kill();
  await replica.command("REPLICAOF", "NO", "ONE");
  const promoted = await recordPod(open(replica, 0));
  expect(await promoted.backplane.append(batch)).toMatchObject({ kind: "stored", repeated: false });
  expect((await promoted.reader.waitFor(2)).data).toEqual(["there", "not there"]);
});
