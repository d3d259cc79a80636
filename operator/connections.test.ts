import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createConnectionCounter, roundCount } from "#operator/connections.ts";

const pod = (name: string, ip: string, ready = true) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  status: { podIP: ip, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(pods: object[], answers: Record<string, unknown>) {
  const changes: string[] = [];
  const counter = createConnectionCounter({
    watches: { keys: () => ["shop/demo"], pods: () => pods as never },
    onChange: (key) => changes.push(key),
    fetchJson: async (url) => {
      if (!(url in answers)) throw new Error("no answer");
      return answers[url];
    },
  });
  counter.start();
  return { changes, counter };
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
  const { changes, counter } = start(
    [pod("a", "192.0.2.1"), pod("b", "2001:db8::1"), pod("c", "192.0.2.3", false)],
    {
      "http://192.0.2.1:9090/stats": { connections: 100 },
      "http://[2001:db8::1]:9090/stats": { connections: 23 },
    },
  );
  expect(counter.count("shop/demo")).toBeUndefined();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(counter.count("shop/demo")).toBe(120);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(changes).toEqual(["shop/demo"]);
  counter.stop();
});

test("says nothing while a pod does not answer", async () => {
  const { counter } = start([pod("a", "192.0.2.1"), pod("b", "192.0.2.2")], {
    "http://192.0.2.1:9090/stats": { connections: 100 },
  });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(counter.count("shop/demo")).toBeUndefined();
  counter.stop();
});
