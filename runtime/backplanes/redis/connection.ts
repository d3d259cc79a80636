/** Keeps one session to the primary open: when it ends, for whatever reason, the next one is opened after a pause. */
import { pause } from "#runtime/pause.ts";
import { describeTrouble } from "./trouble.ts";
import type { Log } from "./log.ts";
import type { Session } from "./session.ts";

export interface ConnectionOptions {
  /** What it is for, in the log. */
  readonly purpose: string;
  readonly open: () => Promise<Session>;
  /** Works with the session until it ends, and then rejects; calls `ready` once it is of use. */
  readonly serve: (session: Session, ready: () => void) => Promise<never>;
  readonly log: Log;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  readonly #begun = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #isUp = false;
  #failures = 0;
  #trouble: string | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#done = this.#keep();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why it is not up: what the outage began with. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves once it is closed. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Resolves when it was up for the first time, or is closed. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves once nothing is served any more. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("The backplane is closed."));
    await this.#done;
    this.#begun.resolve();
  }

  async #keep(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        await this.#serve();
      } catch (error) {
        this.#onFailure(error);
      }
      await pause(pauseMs(this.#failures), this.#closing.signal);
    }
  }

  async #serve(): Promise<void> {
    const { open, serve } = this.#options;
    const session = await open();
    const end = (): void => session.end(this.#closing.signal.reason);
    this.#closing.signal.addEventListener("abort", end, { once: true });
    try {
      if (this.#closing.signal.aborted) return;
      await serve(session, () => this.#onReady());
    } finally {
      this.#isUp = false;
      this.#closing.signal.removeEventListener("abort", end);
      session.end(new Error("The session is no longer served."));
    }
  }

  #onReady(): void {
    const { log, purpose } = this.#options;
    log.info({ purpose }, "connected to the backplane's server");
    this.#isUp = true;
    this.#begun.resolve();
    this.#failures = 0;
    this.#trouble = undefined;
  }

  /** Once for each outage. */
  #onFailure(error: unknown): void {
    const { log, purpose } = this.#options;
    if (this.#failures++ > 0 || this.#closing.signal.aborted) return;
    this.#trouble = describeTrouble(error);
    log.warn({ err: error, purpose }, "lost the backplane's server");
  }
}

function pauseMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * (0.5 + 0.5 * Math.random());
}
