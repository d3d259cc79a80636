import { describe, expect, onTestFinished, test } from "vitest";
import { ClusterError, type ClusterErrorKind } from "#operator/engine/cluster.ts";
import { createManualClock, type ManualClock } from "#operator/engine/manual-clock.ts";
import { createLeaderElection } from "./leader-election.ts";
import type { Lease, LeaseClient } from "./lease.ts";

/** Lets every promise that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

type TestLeaseClient = LeaseClient & {
  failing: ClusterErrorKind | "hangs" | undefined;
  /** No answer before this has resolved. */
  gate: Promise<void> | undefined;
  reads: number;
  writes: number;
};

/** One Lease in memory, with the API server's rule that nobody overwrites what they have not seen. */
function createLeaseServer() {
  let stored: Lease | undefined;
  let version = 0;
  const server = {
    get lease() {
      return stored;
    },
    /** Somebody writes the lease past all rules. */
    set(lease: Lease | undefined) {
      version += 1;
      stored = lease && { ...lease, version: String(version) };
    },
    client(): TestLeaseClient {
      const answer = (signal: AbortSignal) => {
        if (client.gate !== undefined) return client.gate;
        if (client.failing === "hangs") return hang(signal);
        if (client.failing !== undefined) throw new ClusterError(client.failing, "no");
        return Promise.resolve();
      };
      const client: TestLeaseClient = {
        failing: undefined,
        gate: undefined,
        reads: 0,
        writes: 0,
        read: async (signal) => {
          client.reads += 1;
          await answer(signal);
          return stored;
        },
        write: async (lease, seen, signal) => {
          await answer(signal);
          client.writes += 1;
          if (seen === undefined && stored !== undefined) throw new ClusterError("AlreadyExists", "exists");
          if (seen !== undefined && seen !== stored?.version) throw new ClusterError("Conflict", "stale");
          server.set({ ...lease, version: "" });
          if (stored === undefined) throw new Error("Cannot happen: it was just written");
          return stored;
        },
      };
      return client;
    },
  };
  return server;
}

function hang(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(new ClusterError("Aborted", "hung")));
  return promise;
}

function createCandidate(
  server: ReturnType<typeof createLeaseServer>,
  identity: string,
  clock: ManualClock,
  jitter = 1,
) {
  const lease = server.client();
  const log: string[] = [];
  const election = createLeaderElection({
    lease,
    identity,
    onElected: () => log.push("elected"),
    onLost: () => log.push("lost"),
    clock,
    random: () => jitter,
  });
  onTestFinished(() => election.stop());
  return { election, lease, log };
}

/** Moves time in small steps, with room for what each of them causes. */
async function pass(clock: ManualClock, ms: number, stepMs = 500): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await settle();
  }
}

function startTwo() {
  const clock = createManualClock();
  const server = createLeaseServer();
  const first = createCandidate(server, "first", clock);
  const second = createCandidate(server, "second", clock);
  const start = async () => {
    first.election.start();
    await settle();
    second.election.start();
    await settle();
  };
  return { clock, server, first, second, start };
}

describe("who leads", () => {
  test("the first one to come, as long as it renews", async () => {
    const { clock, server, first, second, start } = startTwo();
    await start();
    expect(server.lease).toMatchObject({ holder: "first", durationSeconds: 15, transitions: 0 });
    const acquired = server.lease?.acquireTime;
    await pass(clock, 60_000);
    expect([first.election.isLeader(), second.election.isLeader()]).toEqual([true, false]);
    expect([first.log, second.log]).toEqual([["elected"], []]);
    expect(server.lease?.acquireTime).toBe(acquired);
    expect(first.lease.writes).toBe(31);
    expect(second.lease.writes).toBe(0);
  });

  test("only one of two that come at once", async () => {
    const { first, second } = startTwo();
    first.election.start();
    second.election.start();
    await settle();
    expect([first.log, second.log]).toEqual([["elected"], []]);
  });

  test("after a release the other one, within its next look", async () => {
    const { clock, server, first, second, start } = startTwo();
    await start();
    await first.election.stop();
    expect(server.lease).toMatchObject({ holder: "" });
    expect(first.log).toEqual(["elected"]);
    await pass(clock, 1000);
    expect(second.log).toEqual(["elected"]);
    expect(server.lease).toMatchObject({ holder: "second", transitions: 1 });
  });

  test("after silence the other one, when the lease has not changed for its duration", async () => {
    const { clock, first, second, start } = startTwo();
    await start();
    await pass(clock, 4000);
    first.lease.failing = "hangs";
    await pass(clock, 14_000);
    expect(second.election.isLeader()).toBe(false);
    await pass(clock, 3000);
    expect(second.election.isLeader()).toBe(true);
  });

  test("the other one at the very moment the lease has run out, however its looks fall", async () => {
    const clock = createManualClock();
    const server = createLeaseServer();
    server.set({
      holder: "first",
      durationSeconds: 15,
      acquireTime: "",
      renewTime: "",
      transitions: 0,
      version: "",
    });
    const second = createCandidate(server, "second", clock, 0.25);
    second.election.start();
    await settle();
    await pass(clock, 14_900, 100);
    expect(second.election.isLeader()).toBe(false);
    await pass(clock, 100, 100);
    expect(second.election.isLeader()).toBe(true);
  });

  test("a lease that has run out and cannot be had is tried for at each look, not all the time", async () => {
    const { clock, first, second, start } = startTwo();
    await start();
    first.lease.failing = "Unavailable";
    await pass(clock, 14_000);
    second.lease.failing = "Unavailable";
    const before = second.lease.reads;
    await pass(clock, 10_000);
    expect(second.lease.reads - before).toBe(10);
  });

  test.each(["Unavailable", "hangs"] as const)(
    "never two: when all is %s, the leader gives up at its deadline, before the other one may begin",
    async (failing) => {
      const { clock, first, second, start } = startTwo();
      await start();
      const renewedMs = clock.now();
      first.lease.failing = failing;
      for (let ms = 0; ms < 30_000; ms += 100) {
        clock.advance(100);
        await settle();
        expect(first.election.isLeader() && second.election.isLeader()).toBe(false);
        if (clock.now() >= renewedMs + 10_000) expect(first.election.isLeader()).toBe(false);
      }
      expect([first.log, second.log]).toEqual([["elected", "lost"], ["elected"]]);
    },
  );

  test("a renewal counts from when it was sent, however late its answer", async () => {
    const { clock, first, start } = startTwo();
    await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    first.lease.gate = promise;
    await pass(clock, 5000); // sent after 2 s
    first.lease.gate = undefined;
    first.lease.failing = "hangs";
    resolve();
    await pass(clock, 6500);
    expect(first.election.isLeader()).toBe(true);
    await pass(clock, 1000);
    expect(first.election.isLeader()).toBe(false);
  });
});

describe("other people's clocks", () => {
  test("a lease whose times lie years back is respected as long as it changes", async () => {
    const clock = createManualClock();
    const server = createLeaseServer();
    const time = "2001-01-01T00:00:00.000000Z";
    const lease = {
      version: "",
      holder: "old",
      durationSeconds: 15,
      transitions: 4,
      acquireTime: time,
      renewTime: time,
    };
    server.set(lease);
    const { election, log } = createCandidate(server, "new", clock);
    election.start();
    for (let renewal = 0; renewal < 10; renewal += 1) {
      await pass(clock, 10_000);
      server.set(lease);
    }
    expect(log).toEqual([]);
    await pass(clock, 17_000);
    expect(log).toEqual(["elected"]);
    expect(server.lease?.transitions).toBe(5);
  });
});

describe("losing", () => {
  test("short trouble is none", async () => {
    const { clock, first, start } = startTwo();
    await start();
    first.lease.failing = "Unavailable";
    await pass(clock, 8000);
    first.lease.failing = undefined;
    await pass(clock, 30_000);
    expect(first.log).toEqual(["elected"]);
  });

  test("somebody else's name in the lease ends it at once", async () => {
    const { clock, server, first, start } = startTwo();
    await start();
    if (server.lease) server.set({ ...server.lease, holder: "usurper" });
    await pass(clock, 2000);
    expect(first.log).toEqual(["elected", "lost"]);
  });

  test("a lease that somebody deletes or touches is taken back", async () => {
    const { clock, server, first, second, start } = startTwo();
    await start();
    if (server.lease) server.set({ ...server.lease, renewTime: "touched" });
    await pass(clock, 4000);
    expect(first.log).toEqual(["elected"]);
    await second.election.stop();
    server.set(undefined);
    await pass(clock, 4000);
    expect(first.log).toEqual(["elected"]);
    expect(server.lease?.holder).toBe("first");
  });

  test("who has lost does not come back and releases nothing", async () => {
    const { clock, server, first, start } = startTwo();
    await start();
    if (server.lease) server.set({ ...server.lease, holder: "usurper" });
    await pass(clock, 60_000);
    await first.election.stop();
    expect(first.log).toEqual(["elected", "lost"]);
    expect(server.lease?.holder).not.toBe("");
  });
});

test("a standby that stops leaves the lease alone", async () => {
  const { server, second, start } = startTwo();
  await start();
  await second.election.stop();
  expect(server.lease?.holder).toBe("first");
});

test("a release that gets no answer does not hold up the stop", async () => {
  const { clock, first, start } = startTwo();
  await start();
  first.lease.failing = "hangs";
  const stop = first.election.stop();
  await pass(clock, 3000);
  await stop;
});
