/** What every reader of the status counts on, over long lives of which anything may happen at any moment. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import { deployment, observe, pulling, running } from "#operator/test/observation.ts";
import { findViolations } from "#operator/test/status-rules.ts";
import type { Observation } from "./conditions/observation.ts";
import { buildStatus } from "./status.ts";
import { type Condition, type SseServiceStatus, SseServiceStatusSchema } from "./status-schema.ts";

type Moment = Partial<Observation> & { readonly edited: boolean; readonly passedMs: number };

const specs = [
  {},
  { replicas: 0 },
  { paused: true },
  { backplane: { managed: {} } },
  { backplane: { redis: { urlSecretRef: { name: "mine" } } } },
  { access: { subscribe: "Jwt", jwt: { jwksUrl: "https://a.example/", issuer: "i", audience: "a" } } },
].map((spec) => service(spec));

const http2 = fc.constantFrom<Observation["http2"]>(
  undefined,
  { kind: "verified", finding: "Open", latencyMs: 1 },
  { kind: "verified", finding: "Full", latencyMs: 1 },
  { kind: "failed", failure: { reason: "NoHttp2", message: "TLS negotiated http/1.1" } },
);

const deployments = fc.constantFrom<Observation["deployment"]>(
  undefined,
  deployment(running),
  deployment(running, 2),
  deployment({ observedGeneration: 1 }),
  deployment({ ...running, updatedReplicas: 0, replicas: 2 }),
  deployment({ conditions: [{ type: "ReplicaFailure", status: "True", message: "exceeded quota: none" }] }),
  deployment({ conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }] }),
);

const moment: fc.Arbitrary<Moment> = fc.record({
  edited: fc.boolean(),
  passedMs: fc.integer({ min: 1, max: 100_000 }),
  service: fc.constantFrom(...specs),
  issues: fc.constantFrom([], [], [{ field: "spec.page", message: "bad" }]),
  failures: fc.constantFrom(
    [],
    [],
    [{ reason: "ApplyFailed" as const, message: "m" }],
    [{ reason: "NotOwned" as const, message: "m" }],
  ),
  waiting: fc.constantFrom([], ['ConfigMap "demo-config"']),
  deployment: deployments,
  pods: fc.constantFrom([], [], [pulling("not found")], [pulling("i/o timeout")]),
  backplaneServer: fc.constantFrom(undefined, { status: { replicas: 1, readyReplicas: 1 } }),
  backplanePods: fc.constantFrom([], [pulling("not found")]),
  nodes: fc.constantFrom([], [{ name: "a", ready: true, addresses: ["192.0.2.1"] }]),
  certificate: fc.constantFrom(undefined, observe().certificate),
  stats: fc.constantFrom(
    undefined,
    { connections: 3, backplane: "down" as const, problems: [] },
    observe().stats,
  ),
  http2,
});

/** The statuses of one life, each built on the one before as the operator does. */
function live(moments: readonly Moment[]): { status: SseServiceStatus; generation: number; nowMs: number }[] {
  let generation = 1;
  let nowMs = Date.parse("2026-01-01T00:00:00Z");
  let previous: SseServiceStatus | undefined;
  return moments.map(({ edited, passedMs, ...change }) => {
    generation += edited ? 1 : 0;
    nowMs += passedMs;
    const isInvalid = change.issues?.length;
    const observation = observe({
      ...change,
      generation,
      previous,
      ...(isInvalid && { service: undefined }),
    });
    previous = buildStatus(observation, new Date(nowMs));
    return { status: previous, generation, nowMs };
  });
}

function conditionOf({ conditions = [] }: SseServiceStatus, type: string): Condition {
  const condition = conditions.find((entry) => entry.type === type);
  if (!condition) throw new Error(`Cannot find the condition "${type}"`);
  return condition;
}

function inEveryLife(check: (life: ReturnType<typeof live>) => void): void {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 12 }), (moments) => {
      check(live(moments));
    }),
    { numRuns: 150 },
  );
}

/** Holds for each status of a life, and for each with the one before. */
function always(
  check: (now: ReturnType<typeof live>[number], before: SseServiceStatus | undefined) => void,
): void {
  inEveryLife((life) => {
    for (const [index, now] of life.entries()) check(now, life[index - 1]?.status);
  });
}

test("no rule that readers count on is ever broken", () => {
  inEveryLife((life) => expect(findViolations(life)).toEqual([]));
});

test("a status speaks of the generation that was seen", () => {
  always(({ status, generation }) => expect(status.observedGeneration).toBe(generation));
});

test("a transition time moves when its status does, to that moment, and never otherwise", () => {
  always(({ status, nowMs }, before) => {
    for (const { type, status: value, lastTransitionTime } of status.conditions ?? []) {
      const old = before && conditionOf(before, type);
      const expected = old?.status === value ? old.lastTransitionTime : wholeSeconds(nowMs);
      expect(lastTransitionTime).toBe(expected);
    }
  });
});

test("what is not Ready says why: with the reason and the words of another condition", () => {
  always(({ status }) => {
    const { status: value, reason, message } = conditionOf(status, "Ready");
    if (value === "True") return;
    const others = (status.conditions ?? []).filter(({ type }) => type !== "Ready");
    expect(others.map((other) => `${other.reason} ${other.message}`)).toContain(`${reason} ${message}`);
  });
});

test("the whole fits the schema", () => {
  always(({ status }) => expect(SseServiceStatusSchema.safeParse(status).error).toBeUndefined());
});

test("the same world told again changes nothing, so that nothing is written", () => {
  fc.assert(
    fc.property(moment, (change) => {
      const first = buildStatus(observe(change), new Date(0));
      expect(buildStatus(observe({ ...change, previous: first }), new Date(99_000))).toEqual(first);
    }),
  );
});

function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
