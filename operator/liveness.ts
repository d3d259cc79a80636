/** Whether the operator hangs: a reconcile that ignores its deadline, or a watch that neither hears, fails nor tries again. Pure. */

export interface Vitals {
  readonly longestRunMs: number;
  readonly watches: readonly { readonly kind: string; readonly stuckMs: number }[];
}

/** A run is aborted after its deadline, and a stream that is silent for 90 s is cut: what lasts so much longer hangs. */
const MAX_DEADLINES = 2;
const MAX_STUCK_MS = 5 * 60_000;

/** Why a restart is needed; undefined while all is well. An API server that is away is no reason: a restart would not help. */
export function describeHang({ longestRunMs, watches }: Vitals, deadlineMs: number): string | undefined {
  if (longestRunMs > MAX_DEADLINES * deadlineMs) {
    return `a reconcile has lasted ${Math.round(longestRunMs)} ms`;
  }
  const stuck = watches.find(({ stuckMs }) => stuckMs > MAX_STUCK_MS);
  return stuck && `the watch of ${stuck.kind} has done nothing for ${Math.round(stuck.stuckMs)} ms`;
}
