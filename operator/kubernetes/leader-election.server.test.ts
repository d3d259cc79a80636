import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createLeaderElection, type LeaderElection } from "./leader-election.ts";
import { createLeaseClient } from "./lease.ts";
import { Mailbox } from "./mailbox.ts";
import { type RealServer, startRealServer } from "./real-server.ts";
import { createResourcePaths } from "./resource-paths.ts";
import type { Transport } from "./transport.ts";

let server: RealServer;

beforeAll(async () => {
  server = await startRealServer("election");
}, 1_200_000);

afterAll(() => server?.stop());

type Candidate = { election: LeaderElection; news: Mailbox<string>; transport: { silent: boolean } };

/** A candidate with short times, whose connection can fall silent. */
function startCandidate(lease: string, identity: string): Candidate {
  const news = new Mailbox<string>();
  const state = { silent: false };
  const transport: Transport = {
    ...server.transport,
    send: (request) => (state.silent ? Promise.reject(new Error("silent")) : server.transport.send(request)),
  };
  const election = createLeaderElection({
    lease: createLeaseClient(transport, createResourcePaths(), { namespace: "default", name: lease }),
    identity,
    onElected: () => news.post(`${identity} elected`),
    onLost: () => news.post(`${identity} lost`),
    leaseDurationMs: 5000,
    renewDeadlineMs: 4000,
    retryMs: 500,
    standbyMs: 200,
  });
  onTestFinished(() => election.stop());
  election.start();
  return { election, news, transport: state };
}

const holder = (lease: string) =>
  server.plane.kubectl("get", "lease", lease, "-o", "jsonpath={.spec.holderIdentity}");

async function startPair(lease: string): Promise<[Candidate, Candidate]> {
  const first = startCandidate(lease, "first");
  expect(await first.news.take()).toBe("first elected");
  return [first, startCandidate(lease, "second")];
}

describe("two candidates and a real Lease", () => {
  test("the second takes over when the first releases", async () => {
    const [first, second] = await startPair("released");
    expect(await holder("released")).toBe("first");
    await first.election.stop();
    expect(await second.news.take()).toBe("second elected");
    expect(await holder("released")).toBe("second");
    expect(first.election.isLeader()).toBe(false);
  });

  test("the second takes over when the first falls silent, and the first knows by then", async () => {
    const [first, second] = await startPair("silent");
    first.transport.silent = true;
    expect(await second.news.take()).toBe("second elected");
    expect(first.election.isLeader()).toBe(false);
    expect(await first.news.take()).toBe("first lost");
    expect(await holder("silent")).toBe("second");
  });

  test("an API server that is silent for longer than the deadline is a loss", async () => {
    const [first] = await startPair("frozen");
    await server.plane.pause();
    expect(await first.news.take()).toBe("first lost");
    await server.plane.resume();
  });
});
