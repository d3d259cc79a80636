/** At most once, and never silent: what a follower is told when something that was published did not reach it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Backplane } from "#runtime/broker/backplane.ts";
import { recordPod, untilLosses, type RecordedPod } from "#runtime/test/recorded-pod.ts";
import { openPubSubPod } from "#runtime/test/redis-pods.ts";
import { RedisServer } from "#runtime/test/redis-server.ts";
import { TcpProxy } from "#runtime/test/tcp-proxy.ts";
import { batchOf, store } from "./contract.ts";

const HEAD = "test:{shop/orders}:head";
const CHANNEL = "test:{shop/orders}:channel";

let server: RedisServer;
let proxy: TcpProxy;
let watched: RecordedPod;
let other: RecordedPod;

beforeAll(async () => {
  server = await RedisServer.start("valkey-8");
});
afterAll(() => server.dispose());

beforeEach(async () => {
  await server.command("FLUSHALL");
  proxy = await TcpProxy.start(server.port);
  other = await recordPod(openPubSubPod({ url: server.url }));
  watched = await recordPod(openPubSubPod({ url: proxy.url }));
  await store(other.backplane, batchOf("1", "2"));
  await watched.reader.waitFor(2);
});
afterEach(async () => {
  await Promise.all([watched.close(), other.close()]);
  await proxy.stop();
});

test("says what it cannot promise", () => {
  expect(watched.backplane.health()).toMatchObject({
    state: "up",
    durability: "process",
    problems: [expect.stringContaining("at most once")],
  });
});

test("what was published while it was away is gone, and it says how much", async () => {
  proxy.cut();
  await store(other.backplane, batchOf("3", "4", "5"));
  proxy.mend();
  await untilLosses(watched);
  await store(other.backplane, batchOf("6"));
  await watched.reader.waitFor(3);
  expect(watched.losses()).toEqual(["trimmed"]);
  expect(watched.reader.begins[1]?.floor.position).toBe(5);
  expect(watched.reader.data).toEqual(["1", "2", "6"]);
  expect(other.reader.data).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(watched.reader.texts.at(-1)).toBe(other.reader.texts.at(-1));
});

test("away while nothing was published: nothing to tell", async () => {
  proxy.cut();
  await expect.poll(() => watched.backplane.health().state, { timeout: 15_000 }).toBe("down");
  proxy.mend();
  await expect.poll(() => watched.backplane.health().state, { timeout: 15_000 }).toBe("up");
  await store(other.backplane, batchOf("3"));
  expect((await watched.reader.waitFor(3)).data).toEqual(["1", "2", "3"]);
  expect(watched.losses()).toEqual([]);
});

test("a message that did not arrive is missed also when none follows it", async () => {
  await server.command("HSET", HEAD, "n", "3");
  await untilLosses(watched);
  expect(watched.losses()).toEqual(["trimmed"]);
});

test("nor does it go unnoticed when one follows at once", async () => {
  await server.command("HSET", HEAD, "n", "3");
  await store(other.backplane, batchOf("4"));
  await watched.reader.waitFor(3);
  expect(watched.reader.begins[1]).toMatchObject({ loss: "trimmed", floor: { position: 3 } });
  expect(watched.reader.events.at(-1)?.cursor.position).toBe(4);
});

test("a server that hangs while nobody publishes is down", async () => {
  const idle: Backplane = await openPubSubPod({ url: server.url });
  server.freeze();
  await expect.poll(() => idle.health().state, { timeout: 15_000 }).toBe("down");
  server.thaw();
  await idle.close();
});

test("a server that is set back is a new epoch for all", async () => {
  await server.command("HSET", HEAD, "n", "1");
  await Promise.all([untilLosses(watched), untilLosses(other)]);
  const [cursor] = await store(other.backplane, batchOf("new"));
  for (const { reader } of [watched, other]) {
    expect(["ahead", "epoch"]).toContain(reader.begins[1]?.loss);
    expect(reader.begins[1]?.floor.epoch).toBe(cursor?.epoch);
  }
  expect(cursor?.epoch).not.toBe(watched.reader.begins[0]?.floor.epoch);
});

test("what others publish on the channel is passed over", async () => {
  await server.command("PUBLISH", CHANNEL, "hello");
  await server.command("PUBLISH", CHANNEL, "abc 1 3\nnonsense");
  await store(other.backplane, batchOf("3"));
  expect((await watched.reader.waitFor(3)).data).toEqual(["1", "2", "3"]);
  expect(watched.losses()).toEqual([]);
});

test("what nobody would receive is refused", async () => {
  const alone: Backplane = await openPubSubPod({ url: server.url, service: "deserted" });
  expect(await alone.append(batchOf("1"))).toMatchObject({ kind: "refused" });
  await alone.close();
});
