/** Runs one reconcile function for many keys: queue, workers, deadlines, back-off and resync. Knows no kind. */

export type ReconcileResult =
  /** Nothing more to do until something changes. */
  | { kind: "done" }
  /** Nothing failed; look again after this time. Resets the back-off. */
  | { kind: "again"; afterMs: number }
  /** May pass by itself: again after the key's back-off, or after `retryAfterMs` if that is longer. */
  | { kind: "failed"; error: unknown; retryAfterMs?: number }
  /** Only a change can help: again at the next event or resync. */
  | { kind: "terminal"; error: unknown };

export type ReconcileContext = {
  /** Aborted when the deadline is over and when the controller gives up waiting at its stop. */
  signal: AbortSignal;
  /** Unique per run; for logs. */
  reconcileId: string;
};

/** A throw counts as `failed`. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

/** `low`: start-up and resync, served only when nothing else waits. */
export type Priority = "normal" | "low";

/** For logs and metrics; must not throw. */
export type ControllerObserver = {
  started?(key: string, reconcileId: string, waitedMs: number): void;
  finished?(key: string, reconcileId: string, result: ReconcileResult, tookMs: number): void;
};

export type ControllerOptions = {
  reconcile: Reconcile;
  /** Every key there is, for the resync. */
  keys: () => Iterable<string>;
  observer?: ControllerObserver;
  workers?: number;
  deadlineMs?: number;
  resyncMs?: number;
  backoff?: (failures: number) => number;
};

export type ControllerState = {
  /** Waiting now, without the delayed ones. */
  depth: number;
  running: number;
  /** Of the run that has lasted longest, 0 when none runs. */
  longestRunMs: number;
};

export type Controller = {
  enqueue(key: string, priority?: Priority): void;
  /** Nothing runs before; what was enqueued before waits. */
  start(): void;
  /** Takes no new run, waits for the running ones (at most `graceMs`, then aborts them), then resolves. */
  stop(graceMs?: number): Promise<void>;
  state(): ControllerState;
};

export declare function createController(options: ControllerOptions): Controller;
