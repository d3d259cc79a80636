/**
 * Logs each run of the controller once, where its outcome is known. One that only a human can mend is looked at every few
 * seconds, and told once.
 */
import type { Logger } from "pino";
import type { ControllerObserver } from "#operator/engine/controller.ts";
import { parseKey } from "#operator/watches.ts";

export function createLogObserver(log: Logger): ControllerObserver {
  const stalled = new Set<string>();
  return {
    finished: (key, reconcileId, result, tookMs) => {
      const context = { ...parseKey(key), reconcileId, tookMs: Math.round(tookMs) };
      const wasStalled = stalled.delete(key);
      if (result.kind === "again") stalled.add(key);
      switch (result.kind) {
        case "done":
          return log.debug(context, "Reconciled");
        case "again":
          return log[wasStalled ? "debug" : "warn"](
            { ...context, afterMs: result.afterMs },
            "Stalled, see the resource's status",
          );
        case "failed":
          return log.warn({ ...context, err: result.error }, "Cannot reconcile, trying again");
        case "terminal":
          return log.error({ ...context, err: result.error }, "Cannot reconcile until something changes");
      }
    },
    throttled: (key, waitMs) =>
      log.warn({ ...parseKey(key), waitMs: Math.round(waitMs) }, "Changes come too fast, waiting"),
  };
}
