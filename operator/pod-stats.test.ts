import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStatsPoller, roundCount } from "#operator/pod-stats.ts";

const pod = (name: string, ip: string, ready = true) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  status: { phase: "Running", podIP: ip, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});
const says = (connections: number, state = "up", ...problems: string[]) => ({
  connections,
  backplane: { state, problems },
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(pods: object[], answers: Record<string, unknown>) {
  const changes: string[] = [];
  const poller = createStatsPoller({
    intervalMs: 30_000,
    watches: { keys: () => ["shop/demo"], pods: () => pods as never },
    onChange: (key) => changes.push(key),
    fetchJson: async (url) => {
      if (!(url in answers)) throw new Error("no answer");
      return answers[url];
    },
  });
  poller.start();
  return { changes, poller };
}

test.each([
  [0, 0],
  [99, 99],
  [1_234, 1_200],
  [98_765, 98_000],
])("%i is told as %i", (count, told) => {
  expect(roundCount(count)).toBe(told);
});

test("adds up the ready pods, and tells of a change once", async () => {
  const pods = [pod("a", "192.0.2.1"), pod("b", "2001:db8::1"), pod("c", "192.0.2.3", false)];
  const { changes, poller } = start(pods, {
    "http://192.0.2.1:9090/stats": says(100),
    "http://[2001:db8::1]:9090/stats": says(23),
  });
  expect(poller.stats("shop/demo")).toBeUndefined();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(poller.stats("shop/demo")).toEqual({ connections: 120, backplane: "up", problems: [] });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(changes).toEqual(["shop/demo"]);
  poller.stop();
});

test("calls the backplane down when one pod can't reach it, and tells when that changes", async () => {
  const answers = { "http://192.0.2.1:9090/stats": says(1), "http://192.0.2.2:9090/stats": says(1, "down") };
  const { changes, poller } = start([pod("a", "192.0.2.1"), pod("b", "192.0.2.2")], answers);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(poller.stats("shop/demo")).toEqual({ connections: 2, backplane: "down", problems: [] });
  answers["http://192.0.2.2:9090/stats"] = says(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(poller.stats("shop/demo")).toEqual({ connections: 2, backplane: "up", problems: [] });
  expect(changes).toHaveLength(2);
  poller.stop();
});

test("a pod that is not ready tells why, and is not waited for", async () => {
  const starting = [pod("a", "192.0.2.1", false), pod("b", "192.0.2.2", false)];
  const { poller } = start(starting, { "http://192.0.2.1:9090/stats": says(0, "down", "It is not there.") });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(poller.stats("shop/demo")).toEqual({
    connections: 0,
    backplane: "down",
    problems: ["It is not there."],
  });
  poller.stop();
});

test("knows nothing of the backplane while no pod answers", async () => {
  const ended = { ...pod("b", "192.0.2.2"), status: { phase: "Failed", podIP: "192.0.2.2" } };
  const { poller } = start([pod("a", "192.0.2.1", false), ended], { "http://192.0.2.2:9090/stats": says(1) });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(poller.stats("shop/demo")).toEqual({ connections: 0, backplane: undefined, problems: [] });
  poller.stop();
});

test("says nothing while a ready pod does not answer", async () => {
  const { poller } = start([pod("a", "192.0.2.1"), pod("b", "192.0.2.2")], {
    "http://192.0.2.1:9090/stats": says(100),
  });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(poller.stats("shop/demo")).toBeUndefined();
  poller.stop();
});
