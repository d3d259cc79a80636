/** Who is told what a reconcile wrote. Its functions must not throw. */
import type { Outcome } from "#operator/engine/execute.ts";

export interface ReconcileObserver {
  /** What became of each child that had to be written. */
  executed?(outcomes: readonly Outcome[]): void;
  statusWritten?(): void;
}
