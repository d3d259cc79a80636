/** A server that dies, hangs, is full, restarts or loses its answers: nothing acknowledged is lost or there twice. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Backplane, Batch } from "#runtime/broker/backplane.ts";
import { recordPod, type RecordedPod } from "#runtime/test/recorded-pod.ts";
import { openStreamsPod, untilUp, type PodOptions } from "#runtime/test/redis-pods.ts";
import { APPEND_ONLY, RedisServer } from "#runtime/test/redis-server.ts";
import { SteadyPublishers } from "#runtime/test/steady-publishers.ts";
import { TcpProxy } from "#runtime/test/tcp-proxy.ts";
import { batchOf, expectDense, LogRecorder, store } from "./contract.ts";

const HEAD = "test:{shop/orders}:head";
const LOG = "test:{shop/orders}:log";

let server: RedisServer;
const opened: { close(): Promise<void> }[] = [];

async function openPod(options: Partial<PodOptions> = {}): Promise<Backplane> {
  const pod = await openStreamsPod({ url: server.url, ...options });
  opened.push(pod);
  return pod;
}

async function openRecorded(options: Partial<PodOptions> = {}): Promise<RecordedPod> {
  return await recordPod(openPod(options));
}

beforeAll(async () => {
  server = await RedisServer.start("valkey-8", APPEND_ONLY);
});
afterAll(() => server.dispose());
beforeEach(() => server.command("FLUSHALL"));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((pod) => pod.close()));
});

describe("killed and restarted under load", () => {
  test("acknowledged and lost: 0; there twice: 0; every pod the same without a hole", async () => {
    const pods = [await openRecorded(), await openRecorded()];
    const load = new SteadyPublishers(
      pods.map(({ backplane }) => backplane),
      12,
      2,
    );
    for (let kill = 0; kill < 5; kill++) {
      await load.stored(150);
      await server.restart();
    }
    await load.stored(150);
    await load.stop();
    const [last] = await store(await openPod(), batchOf("last"));
    const count = last?.position ?? 0;
    const [first, second] = await Promise.all(pods.map(({ reader }) => reader.waitFor(count)));
    expect(pods.map((pod) => pod.losses())).toEqual([[], []]);
    expectDense(first?.events.map(({ cursor }) => cursor) ?? []);
    expect(second?.events.map(({ block }) => block.toString())).toEqual(
      first?.events.map(({ block }) => block.toString()),
    );
    const read = new Map(first?.texts.map((text, index) => [text, first.data[index]]));
    expect(new Set(read.values()).size).toBe(read.size);
    for (const [cursor, name] of load.acknowledged) expect(read.get(cursor)).toBe(name);
    expect(load.outcomes.refused + load.outcomes.unknown).toBeGreaterThan(0);
  });

  test("while nobody appends: nothing to tell", async () => {
    const pod = await openRecorded();
    await store(pod.backplane, batchOf("1"));
    await server.restart();
    await untilUp(pod.backplane);
    await store(pod.backplane, batchOf("2"));
    expect((await pod.reader.waitFor(2)).data).toEqual(["1", "2"]);
    expect(pod.losses()).toEqual([]);
  });

  test("a pod that starts before its server waits for it", async () => {
    await server.kill();
    const opening = recordPod(openPod());
    await server.start();
    const pod = await opening;
    await store(pod.backplane, batchOf("1"));
    await pod.reader.waitFor(1);
  });
});

describe("hanging", () => {
  test("appends are answered, and by no means as refused; afterwards each is there once", async () => {
    const pod = await openRecorded();
    await store(pod.backplane, batchOf("before"));
    server.freeze();
    const batches = Array.from({ length: 20 }, (_, index) => ({
      ...batchOf(`${index}`),
      key: `key ${index}`,
    }));
    const hanging = await Promise.all(batches.map(async (batch) => pod.backplane.append(batch)));
    expect(new Set(hanging.map(({ kind }) => kind))).toEqual(new Set(["unknown"]));
    expect(await pod.backplane.append(batchOf("x"))).toMatchObject({ kind: "refused" });
    expect(pod.backplane.health().state).toBe("down");
    server.thaw();
    await untilUp(pod.backplane);
    for (const batch of batches) await store(pod.backplane, batch);
    await store(pod.backplane, batchOf("after"));
    const { data } = await pod.reader.waitFor(22);
    expect(data.toSorted()).toEqual(["before", ...batches.map((_, index) => `${index}`), "after"].toSorted());
    expect(pod.losses()).toEqual([]);
  });

  test("what would be too much to keep waiting is refused at once, by number and by size", async () => {
    const pod = await openPod();
    server.freeze();
    const kinds = async (batches: readonly Batch[]) =>
      (await Promise.all(batches.map(async (batch) => pod.append(batch)))).map(({ kind }) => kind);
    const many = kinds(Array.from({ length: 5_000 }, () => batchOf("x")));
    const refused = await pod.append(batchOf("one too many"));
    expect(refused).toMatchObject({ kind: "refused", reason: expect.stringContaining("is slow") });
    expect((await many).filter((kind) => kind === "unknown")).toHaveLength(4_096);
    await expect.poll(() => pod.health().state).toBe("down");
    server.thaw();
    await untilUp(pod);
    server.freeze();
    const large = await kinds(Array.from({ length: 40 }, () => batchOf("x".repeat(1_048_576))));
    expect(large.filter((kind) => kind === "unknown")).toHaveLength(32);
    server.thaw();
    await untilUp(pod);
  });

  test("is noticed also when nobody appends, and not mistaken for a stall of this process", async () => {
    const pod = await openRecorded();
    const until = performance.now() + 2_000;
    while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pod.backplane.health().state).toBe("up");
    server.freeze();
    await expect.poll(() => pod.backplane.health().state, { timeout: 15_000 }).toBe("down");
    server.thaw();
    await untilUp(pod.backplane);
  });
});

describe("answers that are lost", () => {
  test("a batch is sent once, and repeated by its key it is one event with one cursor", async () => {
    const proxy = await TcpProxy.start(server.port);
    const publisher = await openPod({ url: proxy.url });
    const pod = await openRecorded();
    proxy.loseReplies();
    const batch = { ...batchOf("1", "2"), key: "key" };
    const lost = publisher.append(batch);
    await pod.reader.waitFor(2);
    proxy.cut();
    expect(await lost).toMatchObject({ kind: "unknown" });
    proxy.mend();
    await untilUp(publisher);
    expect(await publisher.append(batch)).toMatchObject({
      kind: "stored",
      repeated: true,
      cursors: pod.reader.events.map(({ cursor }) => cursor),
    });
    await store(publisher, batchOf("after"));
    expect((await pod.reader.waitFor(3)).data).toEqual(["1", "2", "after"]);
    await publisher.close();
    await proxy.stop();
  });
});

describe("a server that cannot store", () => {
  test("a full one refuses whole batches, and nothing of them is there", async () => {
    const pod = await openRecorded();
    await store(pod.backplane, batchOf("1"));
    await server.command("CONFIG", "SET", "maxmemory", "1mb");
    expect(await pod.backplane.append(batchOf("a", "b"))).toMatchObject({ kind: "refused" });
    await server.command("CONFIG", "SET", "maxmemory", "0");
    const [cursor] = await store(pod.backplane, batchOf("2"));
    expect(cursor?.position).toBe(2);
    expect((await pod.reader.waitFor(2)).data).toEqual(["1", "2"]);
  });

  test("one that lacks its replicas refuses", async () => {
    const pod = await openPod();
    await server.command("CONFIG", "SET", "min-replicas-to-write", "1");
    expect(await pod.append(batchOf("1"))).toMatchObject({ kind: "refused" });
    await server.command("CONFIG", "SET", "min-replicas-to-write", "0");
    await store(pod, batchOf("1"));
  });

  test("an event that its replicas do not confirm is not known to be safe", async () => {
    const pod = await openPod({ minReplicas: 1 });
    expect(pod.health().durability).toBe("replicated");
    expect(await pod.append(batchOf("1"))).toMatchObject({ kind: "unknown" });
  });

  test("a memory policy that throws events away is a problem that health tells", async () => {
    const pod = await openPod();
    expect(pod.health()).toMatchObject({ durability: "disk", problems: [] });
    await server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    const warned: string[] = [];
    const log = { info: () => {}, warn: (_: object, message: string) => void warned.push(message) };
    const risky = await openPod({ log });
    await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    expect(risky.health().problems).toEqual([expect.stringContaining('"allkeys-lru"')]);
    expect(warned).toEqual(risky.health().problems);
  });
});

describe("a server that forgets or jumps", () => {
  test("its scripts, which are sent again", async () => {
    const pod = await openPod();
    await store(pod, batchOf("1"));
    await server.command("SCRIPT", "FLUSH");
    const cursors = await Promise.all(Array.from({ length: 20 }, () => store(pod, batchOf("x"))));
    expect(new Set(cursors.flat().map(({ position }) => position)).size).toBe(20);
  });

  test("its clock, set back: the log stays in order", async () => {
    const pod = await openRecorded();
    await store(pod.backplane, batchOf("1"));
    // As it was appended while the clock was an hour fast.
    const ms = String(Date.now() + 3_600_000);
    await server.command("XADD", LOG, `${ms}-2`, "t", "default", "y", "", "d", "2");
    await server.command("HSET", HEAD, "n", "2", "ms", ms);
    await store(pod.backplane, batchOf("3"));
    const { data, events } = await pod.reader.waitFor(3);
    expect(data).toEqual(["1", "2", "3"]);
    expectDense(events.map(({ cursor }) => cursor));
    const late = await openRecorded();
    expect(late.reader.texts).toEqual(pod.reader.texts);
  });
});

test("a pod takes two connections, however many publish through it", async () => {
  const pod = await openPod();
  await pod.follow(new LogRecorder());
  await Promise.all(Array.from({ length: 100 }, () => store(pod, batchOf("x"))));
  const clients = String(await server.command("CLIENT", "LIST", "TYPE", "NORMAL"));
  expect(clients.match(/cmd=(?!client)/g)).toHaveLength(2);
});
