/**
 * Failovers of one primary and one replica under a sentinel. A replica follows a moment later than the primary, so
 * what is acknowledged is safe only when the replica has confirmed it; and what a pod had read before it was safe may
 * be gone after the switch, which it then must say.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordPod, type RecordedPod } from "#runtime/test/recorded-pod.ts";
import { openStreamsPod } from "#runtime/test/redis-pods.ts";
import { APPEND_ONLY, RedisServer } from "#runtime/test/redis-server.ts";
import { SteadyPublishers } from "#runtime/test/steady-publishers.ts";
import { batchOf, expectDense, store } from "./contract.ts";

const SETTINGS = { ...APPEND_ONLY, "min-replicas-to-write": "1", "repl-diskless-sync-delay": "0" };

let primary: RedisServer;
let replica: RedisServer;
let sentinel: RedisServer;
let pods: RecordedPod[];

function openPod(): Promise<RecordedPod> {
  const url = `redis+sentinel://127.0.0.1:${sentinel.port}/main`;
  return recordPod(openStreamsPod({ url, minReplicas: 1 }));
}

async function untilSwitched(): Promise<void> {
  const named = (): Promise<unknown> => sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main");
  await expect.poll(named, { timeout: 30_000 }).toEqual(["127.0.0.1", `${replica.port}`]);
}

beforeEach(async () => {
  primary = await RedisServer.start("valkey-8", SETTINGS);
  replica = await RedisServer.start("valkey-8", { ...SETTINGS, replicaof: `127.0.0.1 ${primary.port}` });
  await expect
    .poll(() => primary.command("INFO", "replication"), { timeout: 20_000 })
    .toMatch(/state=online/);
  sentinel = await RedisServer.start("valkey-8", {
    mode: "sentinel",
    "sentinel monitor": `main 127.0.0.1 ${primary.port} 1`,
    "sentinel down-after-milliseconds": "main 1000",
    "sentinel failover-timeout": "main 4000",
  });
  await expect
    .poll(() => sentinel.command("SENTINEL", "REPLICAS", "main"), { timeout: 20_000 })
    .not.toEqual([]);
  pods = [await openPod(), await openPod()];
});

afterEach(async () => {
  await Promise.all(pods.map((pod) => pod.close()));
  await Promise.all([primary, replica, sentinel].map((server) => server.dispose()));
});

const FAILOVERS: Readonly<Record<string, () => Promise<unknown>>> = {
  async "the primary dies and comes back later"() {
    await primary.kill();
    await untilSwitched();
    await primary.start();
  },
  async "the primary hangs and comes back later"() {
    primary.freeze();
    await untilSwitched();
    primary.thaw();
  },
  async "a planned switch, with the old primary alive"() {
    await sentinel.command("SENTINEL", "FAILOVER", "main");
    await untilSwitched();
  },
};

test.each(Object.entries(FAILOVERS))(
  "%s: acknowledged and lost: 0; there twice: 0",
  async (_name, failOver) => {
    const load = new SteadyPublishers(
      pods.map(({ backplane }) => backplane),
      8,
      5,
    );
    await load.stored(200);
    await failOver();
    await load.stored(200);
    await load.stop();

    const late = await openPod();
    pods.push(late);
    await store(late.backplane, batchOf("last"));
    const { data, texts } = await late.reader.waitFor(load.acknowledged.size + 1);
    expect(new Set(data).size).toBe(data.length);
    for (const name of load.acknowledged.values()) expect(data).toContain(name);
    for (const pod of pods) {
      await expect.poll(() => pod.reader.texts.at(-1)).toBe(texts.at(-1));
      const [last] = pod.reader.begins.slice(-1);
      const since = pod.reader.events.filter(({ cursor }) => cursor.epoch === last?.floor.epoch);
      expectDense(since.map(({ cursor }) => cursor));
      expect(since.map(({ cursor }) => cursor.text)).toEqual(texts);
    }
  },
);
