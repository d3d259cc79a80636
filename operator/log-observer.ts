/** Logs each run of the controller once, where its outcome is known. */
import type { Logger } from "pino";
import type { ControllerObserver } from "#operator/engine/controller.ts";
import { parseKey } from "#operator/watches.ts";

export function createLogObserver(log: Logger): ControllerObserver {
  return {
    finished: (key, reconcileId, result, tookMs) => {
      const context = { ...parseKey(key), reconcileId, tookMs: Math.round(tookMs) };
      switch (result.kind) {
        case "done":
          return log.debug(context, "Reconciled");
        case "again":
          return log.warn({ ...context, afterMs: result.afterMs }, "Stalled, see the resource's status");
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
