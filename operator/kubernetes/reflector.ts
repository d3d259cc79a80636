/**
 * Keeps a sink in step with the objects of one query, until stopped: everything that exists first, then each change, through
 * ended streams, lost history, restarts of the API server and errors of any kind.
 */
import { type Clock, pause, systemClock } from "#operator/engine/clock.ts";
import {
  ClusterError,
  type ObjectQuery,
  type Watch,
  type WatchHealth,
  type WatchSink,
} from "#operator/engine/cluster.ts";
import { collectInitialEvents } from "./initial-events.ts";
import { type Listing, listObjects } from "./list.ts";
import { decideRecovery } from "./recovery.ts";
import type { WatchEvent } from "./parse.ts";
import type { ResourcePaths } from "./resource-paths.ts";
import type { Transport } from "./transport.ts";
import { openWatch } from "./watch-stream.ts";

export type ReflectorOptions = {
  transport: Transport;
  paths: ResourcePaths;
  query: ObjectQuery;
  sink: WatchSink;
  clock?: Clock;
  random?: () => number;
};

/** Spread, so that the watches of many operators do not end together. */
const MIN_TIMEOUT_SECONDS = 300;
const MAX_TIMEOUT_SECONDS = 600;
/** How often, on average, a kind that is not installed is looked for. */
const KIND_RETRY_MS = 20_000;
/** A stream that ends sooner without a word is no normal end. */
const MIN_STREAM_MS = 1_000;

export function startReflector(options: ReflectorOptions): Watch {
  const reflector = new Reflector(options);
  void reflector.run();
  return reflector;
}

class Reflector implements Watch {
  readonly #options: Required<ReflectorOptions>;
  readonly #stopped = new AbortController();
  /** The version up to which the sink knows everything; `undefined` when it has to be told all over. */
  #position: string | undefined;
  #streamsInitialEvents = true;
  /** In a row, without progress. */
  #failures = 0;
  #heardMs: number;
  /** Until then it is plain why nothing happens: it was heard, or waits before it tries again. */
  #busyUntilMs: number;
  #synced = false;
  #relists = 0;
  #interruptions = 0;

  constructor(options: ReflectorOptions) {
    this.#options = { clock: systemClock, random: Math.random, ...options };
    this.#heardMs = this.#options.clock.now();
    this.#busyUntilMs = this.#heardMs;
  }

  health(): WatchHealth {
    const now = this.#options.clock.now();
    return {
      synced: this.#synced,
      silentMs: now - this.#heardMs,
      stuckMs: Math.max(0, now - this.#busyUntilMs),
      relists: this.#relists,
      interruptions: this.#interruptions,
    };
  }

  stop(): void {
    this.#stopped.abort(new Error("the watch was stopped"));
  }

  /** Lasts until `stop`, and never rejects. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        if (this.#position === undefined && !this.#streamsInitialEvents) await this.#list();
        await this.#follow();
        this.#failures = 0;
      } catch (error) {
        if (!this.#stopped.signal.aborted) await this.#recover(error);
      }
    }
  }

  async #list(): Promise<void> {
    const { transport, paths, query } = this.#options;
    const listing = await listObjects(transport, paths, query, this.#stopped.signal);
    if (!this.#stopped.signal.aborted) this.#replace(listing);
  }

  /** One stream, from the position or with everything first, to its end. */
  async #follow(): Promise<void> {
    const { clock } = this.#options;
    const openedMs = clock.now();
    const given = new AbortController();
    const events = this.#open(AbortSignal.any([this.#stopped.signal, given.signal]));
    try {
      if (this.#position === undefined) {
        const giveUp = () => {
          this.#streamsInitialEvents = false;
          given.abort(new Error("the server does not end its initial events"));
        };
        this.#replace(await collectInitialEvents(events, clock, giveUp));
      }
      for await (const event of events) this.#forward(event);
      if (clock.now() - openedMs < MIN_STREAM_MS) throw endedAtOnce(this.#options.query);
    } finally {
      await events.return(undefined);
    }
  }

  async *#open(signal: AbortSignal): AsyncGenerator<WatchEvent, undefined> {
    const { transport, paths, query, random } = this.#options;
    const events = openWatch(transport, paths, {
      query,
      resourceVersion: this.#position,
      timeoutSeconds:
        MIN_TIMEOUT_SECONDS + Math.floor(random() * (MAX_TIMEOUT_SECONDS - MIN_TIMEOUT_SECONDS + 1)),
      signal,
      onOpen: () => this.#hear(),
    });
    for await (const event of events) {
      if (this.#stopped.signal.aborted) return;
      this.#hear();
      yield event;
    }
  }

  #hear(): void {
    this.#heardMs = this.#options.clock.now();
    this.#busyUntilMs = this.#heardMs;
  }

  #replace({ objects, resourceVersion }: Listing): void {
    this.#options.sink.replaced(objects);
    this.#hear();
    if (this.#synced) this.#relists += 1;
    this.#synced = true;
    this.#advance(resourceVersion);
  }

  #forward(event: WatchEvent): void {
    if (event.type === "bookmark") return this.#advance(event.resourceVersion);
    this.#options.sink[event.type](event.object);
    this.#advance(event.object.metadata.resourceVersion);
  }

  #advance(position: string | undefined): void {
    this.#position = position ?? this.#position;
    this.#failures = 0;
  }

  async #recover(thrown: unknown): Promise<void> {
    const { query, random, sink, clock } = this.#options;
    const error = asClusterError(thrown, query);
    if (error.kind === "UnknownKind" && query.optional) return this.#awaitKind();
    this.#failures += 1;
    this.#interruptions += 1;
    // Older servers, and those with the feature off, refuse to stream the initial events.
    if (error.kind === "Invalid" && this.#position === undefined) this.#streamsInitialEvents = false;
    const { delayMs, relist } = decideRecovery(error, this.#failures, random());
    if (relist) this.#position = undefined;
    this.#busyUntilMs = clock.now() + delayMs;
    sink.interrupted?.(error, delayMs);
    await pause(clock, delayMs, this.#stopped.signal);
  }

  /** The kind is not installed, or not any more: there are no objects of it, and that is no trouble. */
  async #awaitKind(): Promise<void> {
    const { clock, random, sink } = this.#options;
    sink.replaced([]);
    this.#synced = true;
    this.#hear();
    this.#position = undefined;
    this.#failures = 0;
    const delayMs = KIND_RETRY_MS * (0.5 + random());
    this.#busyUntilMs = clock.now() + delayMs;
    await pause(clock, delayMs, this.#stopped.signal);
  }
}

function endedAtOnce({ kind }: ObjectQuery): ClusterError {
  return new ClusterError("Unavailable", `Cannot watch "${kind}": the stream ended at once`);
}

/** Anything else comes from the sink; what it did not take is told again with the rest. */
function asClusterError(thrown: unknown, { kind }: ObjectQuery): ClusterError {
  if (thrown instanceof ClusterError) return thrown;
  return new ClusterError("Expired", `Cannot follow "${kind}": its receiver failed`, { cause: thrown });
}
