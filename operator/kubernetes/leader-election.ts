/**
 * At most one of several processes leads: the one whose name stands in a Lease. Other people's clocks are never read: a lease
 * has run out when it has not changed for its duration by our own monotonic clock.
 */
import { type Clock, pause, systemClock } from "#operator/engine/clock.ts";
import { ClusterError } from "#operator/engine/cluster.ts";
import type { Lease, LeaseClient } from "./lease.ts";
import { formatMicroTime } from "./micro-time.ts";

export type LeaderElectionOptions = {
  lease: LeaseClient;
  /** Unique for each process, also for the next one of the same pod. */
  identity: string;
  /** Called once, when this process leads. */
  onElected: () => void;
  /** Called at most once, after `onElected`: somebody else may lead from now on, so stop at once, best by exiting. */
  onLost: (reason: ClusterError) => void;
  /** An attempt failed and is repeated; for logs. */
  onTrouble?: (error: ClusterError) => void;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryMs?: number;
  /** How often a standby looks; it bounds how long nobody leads after a release. */
  standbyMs?: number;
  clock?: Clock;
  random?: () => number;
};

export type LeaderElection = {
  isLeader(): boolean;
  start(): void;
  /** Stops trying and, if leading, gives the lease up: to be called when everything that only a leader may do has ended. */
  stop(): Promise<void>;
};

const DEFAULTS = {
  onTrouble: () => {},
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
  standbyMs: 1_000,
  clock: systemClock,
  random: Math.random,
};
const REQUEST_TIMEOUT_MS = 5_000;
const RELEASE_TIMEOUT_MS = 2_000;

export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  return new LeaseElection(options);
}

class LeaseElection implements LeaderElection {
  readonly #options: Required<LeaderElectionOptions>;
  readonly #stopped = new AbortController();
  /** The lease as last seen, and since when it has not changed. */
  #seen: { lease: Lease; sinceMs: number } | undefined;
  /** When the last successful renewal was sent; `undefined` while not leading. */
  #renewedMs: number | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: LeaderElectionOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  isLeader(): boolean {
    return this.#renewedMs !== undefined;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error("the election was stopped"));
    await this.#ended;
    if (this.isLeader()) await this.#release();
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const lost = await this.#attempt();
      if (lost !== undefined) return this.#lose(lost);
      await pause(this.#options.clock, this.#untilNextMs(), this.#stopped.signal);
    }
  }

  #untilNextMs(): number {
    const { random, retryMs, standbyMs } = this.#options;
    if (this.isLeader()) return retryMs;
    const lookMs = standbyMs * (0.8 + 0.2 * random());
    // A lease that runs out before the next look is taken at that moment; one that has run out could not be.
    const untilOutMs = this.#untilOutMs();
    return untilOutMs > 0 ? Math.min(lookMs, untilOutMs) : lookMs;
  }

  /** Tries once to become or to remain the leader. Returns why the lead is lost, if it is. */
  async #attempt(): Promise<ClusterError | undefined> {
    try {
      await this.#bounded((signal) => (this.isLeader() ? this.#renew(signal) : this.#acquire(signal)));
      return undefined;
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      if (this.#stopped.signal.aborted) return undefined;
      this.#options.onTrouble(error);
      return this.isLeader() && (this.#remainingMs() <= 0 || this.#isHeldByOther()) ? error : undefined;
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    this.#see(await this.#options.lease.read(signal));
    if (this.#isHeldByOther() && this.#untilOutMs() > 0) return;
    await this.#write(signal);
    this.#options.onElected();
  }

  async #renew(signal: AbortSignal): Promise<void> {
    try {
      await this.#write(signal);
    } catch (error) {
      // Somebody else wrote it, or deleted it: the next attempt has to know, and so does the check for a loss.
      if (error instanceof ClusterError && isOvertaken(error))
        this.#see(await this.#options.lease.read(signal));
      throw error;
    }
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { lease, identity, leaseDurationMs, clock } = this.#options;
    const sentMs = clock.now();
    const now = formatMicroTime(Date.now());
    const before = this.#seen?.lease;
    const isOurs = before?.holder === identity;
    const desired = {
      holder: identity,
      durationSeconds: leaseDurationMs / 1000,
      acquireTime: isOurs ? before.acquireTime : now,
      renewTime: now,
      transitions: (before?.transitions ?? 0) + (isOurs || before === undefined ? 0 : 1),
    };
    this.#see(await lease.write(desired, before?.version, signal));
    this.#renewedMs = sentMs;
  }

  async #release(): Promise<void> {
    const { lease, clock } = this.#options;
    const seen = this.#seen?.lease;
    this.#renewedMs = undefined;
    if (seen === undefined) return;
    const timeout = new AbortController();
    const cancel = clock.after(RELEASE_TIMEOUT_MS, () => timeout.abort(new Error("no answer in time")));
    try {
      await lease.write({ ...seen, holder: "" }, seen.version, timeout.signal);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      this.#options.onTrouble(error); // it runs out by itself
    } finally {
      cancel();
    }
  }

  #lose(reason: ClusterError): void {
    this.#renewedMs = undefined;
    this.#options.onLost(reason);
  }

  #see(lease: Lease | undefined): void {
    if (lease === undefined) this.#seen = undefined;
    else if (lease.version !== this.#seen?.lease.version)
      this.#seen = { lease, sinceMs: this.#options.clock.now() };
  }

  #isHeldByOther(): boolean {
    const holder = this.#seen?.lease.holder ?? "";
    return holder !== "" && holder !== this.#options.identity;
  }

  /** Until the lease as last seen has run out; not above 0: it has. */
  #untilOutMs(): number {
    if (this.#seen === undefined) return 0;
    const durationMs = this.#seen.lease.durationSeconds * 1000 || this.#options.leaseDurationMs;
    return this.#seen.sinceMs + durationMs - this.#options.clock.now();
  }

  /** Until the lead counts as lost. */
  #remainingMs(): number {
    const { clock, renewDeadlineMs } = this.#options;
    return this.#renewedMs === undefined ? Infinity : this.#renewedMs + renewDeadlineMs - clock.now();
  }

  async #bounded(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const timeout = new AbortController();
    const timeoutMs = Math.max(0, Math.min(REQUEST_TIMEOUT_MS, this.#remainingMs()));
    const cancel = this.#options.clock.after(timeoutMs, () => timeout.abort(new Error("no answer in time")));
    await run(AbortSignal.any([this.#stopped.signal, timeout.signal])).finally(cancel);
  }
}

function isOvertaken({ kind }: ClusterError): boolean {
  return kind === "Conflict" || kind === "NotFound" || kind === "AlreadyExists";
}
