/** Runs one reconcile function for many keys: queue, workers, deadlines, back-off and resync. Knows no kind. */
import { backoffMs } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
import { RunBudget, type RunBudgetOptions } from "./run-budget.ts";
import { type Priority, type WorkItem, WorkQueue } from "./work-queue.ts";

export type { Priority } from "./work-queue.ts";

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
  /** Aborted when the deadline is over and when the controller no longer waits for this run at its stop. */
  signal: AbortSignal;
  /** Unique per run; for logs. */
  reconcileId: string;
  /** The key asks for runs without end: it has used up its burst, and the next run has to wait. */
  isThrottled: boolean;
};

/** A throw counts as `failed`. A function that ignores its signal keeps its key and its worker; see `longestRunMs`. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

/** For logs and metrics; must not throw. */
export type ControllerObserver = {
  started?(key: string, reconcileId: string, waitedMs: number): void;
  finished?(key: string, reconcileId: string, result: ReconcileResult, tookMs: number): void;
  /** The key asks for runs faster than its budget allows and has to wait. */
  throttled?(key: string, waitMs: number): void;
};

/** Tells each of them, in this order. */
export function joinObservers(...observers: readonly ControllerObserver[]): ControllerObserver {
  return {
    started: (...run) => observers.forEach((observer) => observer.started?.(...run)),
    finished: (...run) => observers.forEach((observer) => observer.finished?.(...run)),
    throttled: (...wait) => observers.forEach((observer) => observer.throttled?.(...wait)),
  };
}

export type ControllerOptions = {
  reconcile: Reconcile;
  /** Every key there is, for the start and each resync. */
  keys: () => Iterable<string>;
  observer?: ControllerObserver;
  workers?: number;
  deadlineMs?: number;
  resyncMs?: number;
  /** Delay after the n-th failure in a row of one key, counted from 1. */
  backoff?: (failures: number) => number;
  runBudget?: RunBudgetOptions;
  clock?: Clock;
};

const DEFAULTS = {
  observer: {},
  workers: 4,
  deadlineMs: 60_000,
  resyncMs: 10 * 60_000,
  backoff: (failures: number) => backoffMs(failures, Math.random(), { baseMs: 500, maxMs: 5 * 60_000 }),
  clock: systemClock,
};

export type ControllerState = {
  /** Keys that wait for a worker, without the delayed ones. */
  depth: Readonly<Record<Priority, number>>;
  /** Keys added since the beginning, without those that were folded into one that waited. */
  adds: number;
  delayed: number;
  running: number;
  workers: number;
  /** Of all that run now, together. */
  unfinishedMs: number;
  /** Of the run that has lasted longest, 0 when none runs. Far beyond the deadline, something hangs. */
  longestRunMs: number;
};

export type Controller = {
  enqueue(key: string, priority?: Priority): void;
  /** Enqueues every key at low priority and begins to run. What was enqueued before has waited. */
  start(): void;
  /** Begins no new run and resolves when the running ones have ended; aborts those that still run after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  state(): ControllerState;
};

export function createController(options: ControllerOptions): Controller {
  return new QueueController(options);
}

type Run = { startedMs: number; abort: AbortController; ended: Promise<void> };

class QueueController implements Controller {
  readonly #options: Required<Omit<ControllerOptions, "runBudget">>;
  readonly #budget: RunBudget;
  readonly #queue: WorkQueue;
  readonly #runs = new Map<string, Run>();
  readonly #failures = new Map<string, number>();
  #started = false;
  #cancelResync = () => {};

  constructor({ runBudget = { burst: 30, perSecond: 1 }, ...options }: ControllerOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#budget = new RunBudget(runBudget);
    this.#queue = new WorkQueue(this.#options.clock, () => this.#pump());
  }

  enqueue(key: string, priority: Priority = "normal"): void {
    const waitMs = this.#budget.waitMs(key, this.#options.clock.now());
    if (waitMs === 0) return this.#queue.add(key, priority);
    this.#options.observer.throttled?.(key, waitMs);
    this.#queue.addAfter(key, waitMs, priority);
  }

  start(): void {
    this.#started = true;
    this.#resync();
    this.#pump();
  }

  async stop(graceMs = 10_000): Promise<void> {
    this.#started = false;
    this.#cancelResync();
    this.#queue.close();
    const runs = [...this.#runs.values()];
    const cancelGrace = this.#options.clock.after(graceMs, () => {
      for (const run of runs) run.abort.abort(new Error("The controller stops"));
    });
    await Promise.all(runs.map((run) => run.ended));
    cancelGrace();
  }

  state(): ControllerState {
    const now = this.#options.clock.now();
    const { depth, adds, delayed } = this.#queue;
    const { workers } = this.#options;
    const lastedMs = [...this.#runs.values()].map((run) => now - run.startedMs);
    return {
      depth,
      adds,
      delayed,
      running: lastedMs.length,
      workers,
      unfinishedMs: lastedMs.reduce((sum, ms) => sum + ms, 0),
      longestRunMs: Math.max(0, ...lastedMs),
    };
  }

  #resync(): void {
    const { clock, keys, resyncMs } = this.#options;
    this.#budget.prune(clock.now());
    for (const key of keys()) this.enqueue(key, "low");
    this.#cancelResync = clock.after(resyncMs, () => this.#resync());
  }

  #pump(): void {
    while (this.#canRunMore()) {
      const item = this.#queue.take();
      if (item === undefined) return;
      this.#begin(item);
    }
  }

  #canRunMore(): boolean {
    return this.#started && this.#runs.size < this.#options.workers;
  }

  #begin(item: WorkItem): void {
    const abort = new AbortController();
    const startedMs = this.#options.clock.now();
    this.#budget.spend(item.key, startedMs);
    const ended = this.#run(item, abort, startedMs);
    this.#runs.set(item.key, { startedMs, abort, ended });
  }

  async #run({ key, waitedMs }: WorkItem, abort: AbortController, startedMs: number): Promise<void> {
    const { clock, deadlineMs, observer, reconcile } = this.#options;
    const reconcileId = crypto.randomUUID();
    const overdue = () =>
      abort.abort(new Error(`Cannot reconcile "${key}": not finished after ${deadlineMs} ms`));
    const cancelDeadline = clock.after(deadlineMs, overdue);
    observer.started?.(key, reconcileId, waitedMs);
    const isThrottled = this.#budget.waitMs(key, startedMs) > 0;
    const result = await attempt(reconcile, key, { signal: abort.signal, reconcileId, isThrottled });
    cancelDeadline();
    observer.finished?.(key, reconcileId, result, clock.now() - startedMs);
    this.#runs.delete(key);
    this.#queue.done(key);
    this.#settle(key, result);
    this.#pump();
  }

  #settle(key: string, result: ReconcileResult): void {
    const failures = result.kind === "failed" ? (this.#failures.get(key) ?? 0) + 1 : 0;
    if (failures === 0) this.#failures.delete(key);
    else this.#failures.set(key, failures);
    switch (result.kind) {
      case "done":
      case "terminal":
        return;
      case "again":
        return this.#queue.addAfter(key, result.afterMs);
      case "failed":
        return this.#queue.addAfter(key, Math.max(this.#options.backoff(failures), result.retryAfterMs ?? 0));
    }
  }
}

/** Never rejects: a throw is a failure of this key, not of the controller. */
async function attempt(
  reconcile: Reconcile,
  key: string,
  context: ReconcileContext,
): Promise<ReconcileResult> {
  try {
    const result = await reconcile(key, context);
    const failed = result.kind === "failed" || result.kind === "terminal";
    // After an abort every call fails, whatever it would have said otherwise: tell why it was aborted, and try again.
    return failed && context.signal.aborted ? { kind: "failed", error: context.signal.reason } : result;
  } catch (error) {
    return { kind: "failed", error: context.signal.aborted ? context.signal.reason : error };
  }
}
