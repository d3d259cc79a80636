import { beforeEach, describe, expect, test, vi } from "vitest";
import { createManualClock, type ManualClock } from "#operator/engine/manual-clock.ts";
import type { ProbeResult, ProbeTarget } from "./probe.ts";
import { createVerifier, type Expectation, type Verifier } from "./verifier.ts";

const KEY = "shop/demo";
const MINUTE_MS = 60_000;
const good = (fingerprint = "F1", latencyMs = 1): ProbeResult => ({
  kind: "verified",
  finding: "Open",
  latencyMs,
  fingerprint,
});
const bad: ProbeResult = { kind: "failed", failure: { reason: "NoHttp2", message: "m" } };

function expectation(change: Partial<Expectation> = {}): Expectation {
  return {
    revision: "1",
    isSettled: true,
    target: { address: "192.0.2.1", port: 443, serverName: "demo.shop.svc", trusted: [] },
    fingerprint: "F1",
    wasVerified: false,
    ...change,
  };
}

let clock: ManualClock;
let verifier: Verifier;
let result: ProbeResult;
let changes: string[];
let latencies: number[];
const probe = vi.fn<(target: ProbeTarget) => Promise<ProbeResult>>(async () => result);

beforeEach(() => {
  clock = createManualClock();
  [changes, latencies] = [[], []];
  result = good();
  probe.mockClear();
  verifier = createVerifier({
    onChange: (key) => changes.push(key),
    onVerified: (latencyMs) => latencies.push(latencyMs),
    probe,
    clock,
    random: () => 0.5,
  });
  verifier.start();
});

/** Time passes, and what falls due meanwhile comes to its end. */
async function pass(ms: number): Promise<void> {
  const until = clock.now() + ms;
  for (;;) {
    clock.advance(Math.min(clock.nextDelayMs ?? Infinity, until - clock.now()));
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    if (clock.now() >= until) return;
  }
}

describe("a service that is new", () => {
  test("is opened at once, and told of once", async () => {
    verifier.expect(KEY, expectation());
    expect(verifier.verdict(KEY)).toBeUndefined();
    await pass(0);
    expect(verifier.verdict(KEY)).toEqual({ kind: "verified", finding: "Open", latencyMs: 1 });
    expect(changes).toEqual([KEY]);
  });

  test("is not opened before its pods are there", async () => {
    verifier.expect(KEY, expectation({ isSettled: false }));
    await pass(MINUTE_MS);
    expect(probe).not.toHaveBeenCalled();
    verifier.expect(KEY, expectation());
    await pass(0);
    expect(probe).toHaveBeenCalledOnce();
  });

  test("has no verdict after a failure or two, and then the right one", async () => {
    result = bad;
    verifier.expect(KEY, expectation());
    await pass(1_000);
    expect(verifier.verdict(KEY)).toBeUndefined();
    result = good();
    await pass(MINUTE_MS);
    expect(verifier.verdict(KEY)).toMatchObject({ kind: "verified" });
    expect(changes).toEqual([KEY]);
  });
});

describe("a service that was found good", () => {
  beforeEach(async () => {
    verifier.expect(KEY, expectation());
    await pass(0);
    [changes, latencies] = [[], []];
    probe.mockClear();
  });

  test("is opened every few minutes, and only its latency is told while nothing else changes", async () => {
    for (let minute = 0; minute < 60; minute++) {
      result = good("F1", minute * 100);
      verifier.expect(KEY, expectation());
      await pass(MINUTE_MS);
    }
    expect(probe).toHaveBeenCalledTimes(12);
    expect(new Set(latencies).size).toBe(12);
    expect(changes).toEqual([]);
  });

  test("is found bad within half a minute of its next opening, and good again when it is", async () => {
    result = bad;
    await pass(5 * MINUTE_MS);
    expect(verifier.verdict(KEY)).toMatchObject({ kind: "verified" });
    await pass(30_000);
    expect(verifier.verdict(KEY)).toMatchObject({ kind: "failed" });
    result = good();
    await pass(30_000);
    expect(verifier.verdict(KEY)).toMatchObject({ kind: "verified" });
    expect(changes).toEqual([KEY, KEY]);
  });

  test("loses its verdict with a rollout, and is opened when that is done", async () => {
    verifier.expect(KEY, expectation({ revision: "2", isSettled: false }));
    expect(verifier.verdict(KEY)).toBeUndefined();
    verifier.expect(KEY, expectation({ revision: "2" }));
    await pass(0);
    expect(verifier.verdict(KEY)).toMatchObject({ kind: "verified" });
  });

  test("keeps its verdict while one of its pods is away", async () => {
    verifier.expect(KEY, expectation({ isSettled: false }));
    expect(verifier.verdict(KEY)).toMatchObject({ kind: "verified" });
  });

  test("is opened at once after a renewal, and often until the new certificate is served", async () => {
    verifier.expect(KEY, expectation({ fingerprint: "F2" }));
    await pass(MINUTE_MS);
    expect(probe).toHaveBeenCalledTimes(5);
    result = good("F2");
    await pass(15_000);
    probe.mockClear();
    await pass(MINUTE_MS);
    expect(probe).not.toHaveBeenCalled();
    expect(changes).toEqual([]);
  });

  test("may serve the certificate from before for some minutes after a renewal, whoever signed it", async () => {
    const renewed = (trusted: string[], fingerprint: string) =>
      expectation({ fingerprint, target: { ...expectation().target, trusted } });
    verifier.expect(KEY, renewed(["old"], "F2"));
    verifier.expect(KEY, renewed(["new"], "F3"));
    await pass(MINUTE_MS);
    expect(probe.mock.lastCall?.[0].trusted).toEqual(["new", "old"]);
    await pass(3 * MINUTE_MS);
    expect(probe.mock.lastCall?.[0].trusted).toEqual(["new"]);
  });

  test("is found to end with an old certificate when the new one never comes", async () => {
    verifier.expect(KEY, expectation({ fingerprint: "F2" }));
    await pass(4 * MINUTE_MS);
    expect(verifier.verdict(KEY)).toMatchObject({ kind: "failed", failure: { reason: "OldCertificate" } });
  });

  test("is opened no more when it is gone", async () => {
    verifier.expect(KEY, undefined);
    await pass(60 * MINUTE_MS);
    expect(probe).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
  });
});

test("after a restart, what was good before is not opened all at once", async () => {
  verifier.expect(KEY, expectation({ wasVerified: true }));
  await pass(2 * MINUTE_MS);
  expect(probe).not.toHaveBeenCalled();
  await pass(MINUTE_MS);
  expect(probe).toHaveBeenCalledOnce();
});

test("a standby opens nothing, and what it was told as soon as it leads", async () => {
  const standby = createVerifier({ onChange: () => undefined, probe, clock, random: () => 0.5 });
  standby.expect(KEY, expectation());
  await pass(MINUTE_MS);
  expect(probe).not.toHaveBeenCalled();
  standby.start();
  await pass(0);
  expect(probe).toHaveBeenCalledOnce();
});

test("an answer that comes after the rollout began says nothing of it", async () => {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  probe.mockImplementationOnce(() => promise);
  verifier.expect(KEY, expectation());
  await pass(0);
  verifier.expect(KEY, expectation({ revision: "2", isSettled: false }));
  resolve(good());
  await pass(0);
  expect(verifier.verdict(KEY)).toBeUndefined();
});
