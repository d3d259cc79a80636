import { expect, test } from "vitest";
import type { Condition, SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { buildStatus } from "#operator/sseservice/status.ts";
import { observe } from "./observation.ts";
import { findViolations, type Moment } from "./status-rules.ts";

const WELL = buildStatus(observe({ generation: 2 }), new Date(60_000));
const at = (status: SseServiceStatus | undefined, generation = 2): Moment => ({ generation, status });

/** The same but for one condition. */
function having(type: string, change: Partial<Condition>): SseServiceStatus {
  const conditions = WELL.conditions ?? [];
  const changed = conditions.map((each) => (each.type === type ? { ...each, ...change } : each));
  return { ...WELL, conditions: changed };
}

test("a life from before the first visit over an edit that is not seen yet breaks no rule", () => {
  expect(WELL.conditions?.[0]).toMatchObject({ type: "Ready", status: "True" });
  expect(findViolations([at(undefined), at(WELL), at(WELL, 3)])).toEqual([]);
  const later = having("Paused", {
    status: "Unknown",
    reason: "NotKnown",
    lastTransitionTime: "1970-01-01T00:02:00Z",
  });
  expect(findViolations([at(WELL), at(later)])).toEqual([]);
});

test.each<[string, readonly Moment[]]>([
  ["speaks of generation 2 at 1", [at(WELL, 1)]],
  ["has the conditions ", [at({ ...WELL, conditions: [] })]],
  ["Paused speaks of another generation", [at(having("Paused", { observedGeneration: 1 }))]],
  ["Paused has the unknown reason Asleep", [at(having("Paused", { reason: "Asleep" }))]],
  ["Ready has the unknown reason Great", [at(having("Ready", { reason: "Great" }))]],
  ["Available says nothing", [at(having("Available", { message: "" }))]],
  ["is Ready while Reconciling is True", [at(having("Reconciling", { status: "True" }))]],
  ["is Ready while Stalled is True", [at(having("Stalled", { status: "True" }))]],
  ...["Available", "ReferencesReady", "CertificateReady", "BackplaneReady", "Http2Verified"].map(
    (type): [string, readonly Moment[]] => [
      `is Ready while ${type} is Unknown`,
      [at(having(type, { status: "Unknown" }))],
    ],
  ),
  ["has lost its status", [at(WELL), at(undefined)]],
  ["speaks of generation 1 after 2", [at(WELL), at({ ...WELL, observedGeneration: 1 })]],
  [
    "Paused moved its transition time and not its status",
    [at(WELL), at(having("Paused", { lastTransitionTime: "1970-01-01T00:02:00Z" }))],
  ],
  [
    "Paused became True before it became False",
    [
      at(WELL),
      at(having("Paused", { status: "True", reason: "Paused", lastTransitionTime: "1970-01-01T00:00:00Z" })),
    ],
  ],
])("%s", (violation, life) => {
  expect(findViolations(life)).toContain(violation);
});

test("is Reconciling and Stalled at once", () => {
  const conditions = (WELL.conditions ?? []).map((each): Condition => {
    if (each.type === "Ready") return { ...each, status: "False" };
    return ["Reconciling", "Stalled"].includes(each.type) ? { ...each, status: "True" } : each;
  });
  expect(findViolations([at({ ...WELL, conditions })])).toEqual(["is Reconciling and Stalled at once"]);
});
