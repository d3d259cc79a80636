/** What followers are told when the server's data is not what it was. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Backplane } from "#runtime/broker/backplane.ts";
import { recordPod, untilLosses, type RecordedPod } from "#runtime/test/recorded-pod.ts";
import { openStreamsPod, type PodOptions } from "#runtime/test/redis-pods.ts";
import { APPEND_ONLY, RedisServer } from "#runtime/test/redis-server.ts";
import { TcpProxy } from "#runtime/test/tcp-proxy.ts";
import { batchOf, expectDense, store } from "./contract.ts";

const HEAD = "test:{shop/orders}:head";
const LOG = "test:{shop/orders}:log";

let server: RedisServer;
/** The watched pod's way to the server. */
let proxy: TcpProxy;
let watched: RecordedPod;
let other: Backplane;
const pods: { close(): Promise<void> }[] = [];

async function openPod(options: Partial<PodOptions> = {}): Promise<Backplane> {
  const pod = await openStreamsPod({ url: server.url, ...options });
  pods.push(pod);
  return pod;
}

async function openWatched(options: Partial<PodOptions> = {}): Promise<RecordedPod> {
  return await recordPod(openPod({ url: proxy.url, ...options }));
}

async function storeMany(count: number, name = "x"): Promise<void> {
  for (let stored = 0; stored < count; stored += 500) {
    await store(other, batchOf(...Array.from({ length: Math.min(500, count - stored) }, () => name)));
  }
}

/** While the watched pod cannot see it. */
async function behindItsBack(act: () => Promise<unknown>): Promise<void> {
  proxy.cut();
  await act();
  proxy.mend();
}

beforeAll(async () => {
  server = await RedisServer.start("valkey-8", APPEND_ONLY);
});
afterAll(() => server.dispose());

beforeEach(async () => {
  await server.command("FLUSHALL");
  proxy = await TcpProxy.start(server.port);
  other = await openPod();
  watched = await openWatched();
  await store(other, batchOf("1", "2", "3"));
  await watched.reader.waitFor(3);
});
afterEach(async () => {
  await Promise.all(pods.splice(0).map((pod) => pod.close()));
  await proxy.stop();
});

describe("wiped", () => {
  test("and nothing appended since: the epoch has changed", async () => {
    await server.command("FLUSHALL");
    await untilLosses(watched);
    expect(watched.losses()).toEqual(["epoch"]);
    expect(watched.reader.begins[1]?.floor).toMatchObject({ position: 0 });
  });

  test("and appended to since: the epoch has changed, and nothing new is missing", async () => {
    await server.command("FLUSHALL");
    const data = ["more", "than", "it", "had", "read"];
    await store(other, batchOf(...data));
    await watched.reader.waitFor(3 + 5);
    expect(watched.losses()).toEqual(["epoch"]);
    expect(watched.reader.data.slice(3)).toEqual(data);
    expectDense(watched.reader.events.slice(3).map(({ cursor }) => cursor));
  });

  test("behind a follower's back, with more events than it had seen: told none the less", async () => {
    await behindItsBack(async () => {
      await server.command("FLUSHALL");
      await storeMany(10);
    });
    await watched.reader.waitFor(13);
    expect(watched.losses()).toEqual(["epoch"]);
  });

  test("the head alone: the rest is not trusted", async () => {
    await server.command("DEL", HEAD);
    await store(other, batchOf("new"));
    await watched.reader.waitFor(4);
    expect(watched.losses()).toEqual(["epoch"]);
    expect(watched.reader.data).toEqual(["1", "2", "3", "new"]);
  });

  test("the log alone: who had read it all misses nothing", async () => {
    await server.command("DEL", LOG);
    await store(other, batchOf("4"));
    await watched.reader.waitFor(4);
    expect(watched.losses()).toEqual([]);
    expectDense(watched.reader.events.map(({ cursor }) => cursor));
    const late = await openWatched();
    expect(late.reader.begins[0]?.floor.position).toBe(3);
  });

  test("the head and the log: a key that is left over claims nothing", async () => {
    const batch = { ...batchOf("once"), key: "key" };
    await store(other, batch);
    await server.command("DEL", HEAD, LOG);
    expect(await other.append(batch)).toMatchObject({ kind: "stored", repeated: false });
  });
});

describe("an old copy put back", () => {
  async function putBack(afterwards: () => Promise<unknown> = async () => {}): Promise<void> {
    const copy = await server.snapshot();
    await store(other, batchOf("4", "5"));
    await watched.reader.waitFor(5);
    await behindItsBack(async () => {
      await server.kill();
      await server.restore(copy);
      await server.start();
      await other.close();
      other = await openPod();
      await afterwards();
    });
  }

  test("and nothing appended since: the log has lost its newest part", async () => {
    await putBack();
    await untilLosses(watched);
    expect(watched.losses()).toEqual(["ahead"]);
  });

  test("and appended to beyond where it was: the history is another one", async () => {
    await putBack(() => storeMany(10, "new"));
    await watched.reader.waitFor(5 + 3 + 10);
    expect(watched.losses()).toEqual(["diverged"]);
    expect(watched.reader.data.slice(5)).toEqual(["1", "2", "3", ...Array.from({ length: 10 }, () => "new")]);
  });

  test("and appended to exactly where it was: the witness tells", async () => {
    await putBack(() => storeMany(2, "new"));
    await watched.reader.waitFor(5 + 3 + 2);
    expect(watched.losses()).toEqual(["diverged"]);
  });

  test("one follower that sees it is enough: all later cursors are of a new epoch", async () => {
    await putBack();
    const before = watched.reader.begins[0]?.floor.epoch;
    await untilLosses(watched);
    const epoch = watched.reader.begins[1]?.floor.epoch;
    expect(epoch).not.toBe(before);
    const late = await openWatched();
    expect(late.reader.begins[0]?.floor.epoch).toBe(epoch);
    expect((await store(other, batchOf("after")))[0]).toMatchObject({ epoch, position: 4 });
    await late.reader.waitFor(4);
    expect(late.losses()).toEqual([]);
  });

  test("the keys of batches that it still holds are still known", async () => {
    const batch = { ...batchOf("once"), key: "key" };
    await store(other, batch);
    await watched.reader.waitFor(4);
    await putBack();
    await untilLosses(watched);
    expect(await other.append(batch)).toMatchObject({
      kind: "stored",
      repeated: true,
      cursors: [{ position: 4 }],
    });
  });
});

describe("trimmed", () => {
  test("past an open follower: told, and dense again from there", async () => {
    await behindItsBack(() => storeMany(7_000));
    const last = (): number | undefined => watched.reader.events.at(-1)?.cursor.position;
    await expect.poll(last, { timeout: 15_000 }).toBe(7_003);
    expect(watched.losses()).toEqual(["trimmed"]);
    const { floor } = watched.reader.begins[1] ?? {};
    const after = watched.reader.events.slice(3).map(({ cursor }) => cursor);
    expect(after[0]?.position).toBe((floor?.position ?? 0) + 1);
    expectDense(after);
  });

  test("exactly up to where it was: nothing to tell", async () => {
    await behindItsBack(async () => {
      await store(other, batchOf("4", "5"));
      await server.command("XTRIM", LOG, "MAXLEN", "2");
    });
    await watched.reader.waitFor(5);
    expect(watched.losses()).toEqual([]);
    expect(watched.reader.data).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("to nothing: told", async () => {
    await behindItsBack(async () => {
      await store(other, batchOf("4", "5"));
      await server.command("XTRIM", LOG, "MAXLEN", "0");
    });
    await untilLosses(watched);
    await store(other, batchOf("6"));
    await watched.reader.waitFor(4);
    expect(watched.losses()).toEqual(["trimmed"]);
    expect(watched.reader.begins[1]?.floor.position).toBe(5);
    expect(watched.reader.data).toEqual(["1", "2", "3", "6"]);
  });

  test("by age and by bytes, also while nobody appends", async () => {
    const size = async (service: string): Promise<number> =>
      Number(await server.command("MEMORY", "USAGE", `test:{${service}}:log`));
    const limits = { maxEvents: 5_000, maxAgeMs: 3_600_000, maxBytes: 100_000_000 };
    for (const [service, history] of [
      ["aging", { ...limits, maxAgeMs: 1 }],
      ["large", { ...limits, maxBytes: 1 }],
    ] as const) {
      const pod = await openPod({ service, history });
      for (let index = 0; index < 30; index++) await store(pod, batchOf("x".repeat(100_000)));
    }
    await expect.poll(() => size("aging"), { timeout: 15_000 }).toBeLessThan(500_000);
    await expect.poll(() => size("large"), { timeout: 15_000 }).toBeLessThan(1_500_000);
  });
});

describe("changed by others", () => {
  test("an entry that was removed is told, and only that", async () => {
    let removed = "";
    await behindItsBack(async () => {
      const cursors = await store(other, batchOf("4"));
      await store(other, batchOf("5"));
      removed = `${Number.parseInt(cursors[0]?.text.split("-")[1] ?? "", 36)}-4`;
      expect(await server.command("XDEL", LOG, removed)).toBe(1);
    });
    await watched.reader.waitFor(4);
    expect(watched.losses()).toEqual(["trimmed"]);
    expect(watched.reader.data).toEqual(["1", "2", "3", "5"]);
  });

  test("an entry that is no event of ours is passed over", async () => {
    await server.command("XADD", LOG, "*", "a", "b");
    await server.command("XADD", LOG, "*", "t", "", "y", "open", "d", "x");
    await store(other, batchOf("4"));
    await watched.reader.waitFor(4);
    expect(watched.reader.data).toEqual(["1", "2", "3", "4"]);
    expect(watched.losses()).toEqual([]);
  });
});
