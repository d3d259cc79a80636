import { pino } from "pino";
import { expect, test } from "vitest";
import { ClusterError } from "#operator/engine/cluster.ts";
import type { ReconcileResult } from "#operator/engine/controller.ts";
import { createLogObserver } from "./log-observer.ts";

const error = new ClusterError("Forbidden", "Cannot apply it: no");

/** The lines that finished runs leave, at the given level. */
function logged(results: ReconcileResult | ReconcileResult[], level = "info"): Record<string, unknown>[] {
  const lines: string[] = [];
  const log = pino(
    { level, base: { controller: "sseservice" } },
    { write: (line: string) => lines.push(line) },
  );
  const observer = createLogObserver(log);
  for (const result of [results].flat()) observer.finished?.("shop/demo", "run-1", result, 12.4);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const where = {
  controller: "sseservice",
  namespace: "shop",
  name: "demo",
  reconcileId: "run-1",
  tookMs: 12,
};

test.each<[string, ReconcileResult, object]>([
  ["failure that passes", { kind: "failed", error }, { level: 40, msg: "Cannot reconcile, trying again" }],
  [
    "failure that stays",
    { kind: "terminal", error },
    { level: 50, msg: "Cannot reconcile until something changes" },
  ],
])("a %s is one line, with its error and where it happened", (_, result, expected) => {
  expect(logged(result)).toEqual([
    expect.objectContaining({
      ...where,
      ...expected,
      err: expect.objectContaining({ message: error.message, kind: "Forbidden" }),
    }),
  ]);
});

test("what a human has to mend is one line, however often it is looked at, until it was mended", () => {
  const again: ReconcileResult = { kind: "again", afterMs: 15_000 };
  const line = expect.objectContaining({ ...where, level: 40, afterMs: 15_000 });
  expect(logged([again, again, again])).toEqual([line]);
  expect(logged([again, { kind: "done" }, again])).toEqual([line, line]);
});

test("a run that went well is for those who debug", () => {
  expect(logged({ kind: "done" })).toEqual([]);
  expect(logged({ kind: "done" }, "debug")).toEqual([expect.objectContaining({ ...where, level: 20 })]);
});
