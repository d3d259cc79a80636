/**
 * The backplane on Redis or Valkey Streams: one stream for a service, which every pod appends to over one connection
 * and reads over another. What is stored survives every pod; the server's own persistence decides what it survives
 * besides. Redis 7 and 8, Valkey 8; alone, behind sentinels, or in a cluster.
 */
import type {
  AppendOutcome,
  Backplane,
  BackplaneHealth,
  Batch,
  LogReader,
} from "#runtime/broker/backplane.ts";
import type { HistoryLimits } from "#runtime/broker/replay-log.ts";
import { pause } from "#runtime/pause.ts";
import { Appender } from "./redis/appender.ts";
import type { Connection } from "./redis/connection.ts";
import { Connections } from "./redis/connections.ts";
import { eventArguments } from "./redis/entries.ts";
import { randomSeed } from "./redis/inspection.ts";
import { logKeys, type LogKeys } from "./redis/keys.ts";
import type { Log } from "./redis/log.ts";
import type { ServerOptions } from "./redis/primary.ts";
import { APPEND, TRIM } from "./redis/scripts.ts";
import { readServerReport, UNKNOWN_SERVER } from "./redis/server-report.ts";
import { errorCode, type Session } from "./redis/session.ts";
import { StreamsTail } from "./redis/streams-tail.ts";

export interface RedisStreamsOptions {
  readonly server: ServerOptions;
  readonly prefix: string;
  readonly service: string;
  readonly history: HistoryLimits;
  /** An idempotency key is remembered for so long after its last use. */
  readonly keyTtlMs: number;
  /** Replicas that must have a batch before it counts as stored. */
  readonly minReplicas: number;
  /** Entries read at once. */
  readonly pageSize: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

const TRIM_PERIOD_MS = 5_000;
/** The server holds so much even for a service without a history: pods must be able to catch up. */
const LEAST_EVENTS = 1_000;
const LEAST_BYTES = 1_048_576;

export class RedisStreamsBackplane implements Backplane {
  readonly #options: RedisStreamsOptions;
  readonly #keys: LogKeys;
  readonly #appender: Appender;
  readonly #connections: Connections;
  readonly #appending: Connection;
  readonly #seed = randomSeed();
  #server = UNKNOWN_SERVER;

  constructor(options: RedisStreamsOptions) {
    this.#options = options;
    this.#keys = logKeys(options.prefix, options.service);
    this.#connections = new Connections(options.server, this.#keys.head, options.log);
    this.#appender = new Appender({
      send: (session, batch) => this.#send(session, batch),
      minReplicas: options.minReplicas,
    });
    this.#appending = this.#connections.open("append", (session, ready) =>
      this.#serveAppends(session, ready),
    );
  }

  append(batch: Batch): Promise<AppendOutcome> {
    return this.#appender.append(batch);
  }

  async follow(reader: LogReader): Promise<void> {
    if (this.#connections.isClosed) return;
    const { pageSize, now, log } = this.#options;
    const tail = new StreamsTail({ keys: this.#keys, reader, pageSize, now, log });
    const connection = this.#connections.open("tail", (session, ready) => tail.serve(session, ready));
    await Promise.all([Promise.race([tail.caughtUp, connection.done]), this.#appending.begun]);
  }

  health(): BackplaneHealth {
    return this.#connections.health(this.#server);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #serveAppends(session: Session, ready: () => void): Promise<never> {
    const { minReplicas, log } = this.#options;
    this.#server = await readServerReport(session, minReplicas);
    for (const problem of this.#server.problems) log.warn({}, problem);
    const trimming = this.#keepTrimming(session);
    try {
      return await this.#appender.serve(session, ready);
    } finally {
      await trimming;
    }
  }

  #send(session: Session, { events, key }: Batch): Promise<unknown> {
    const { keyTtlMs, history } = this.#options;
    const { head, log, forKey } = this.#keys;
    const keys = key === undefined ? [head, log] : [head, log, forKey(key)];
    const maxLength = Math.max(history.maxEvents, LEAST_EVENTS);
    const limits = [this.#seed, String(keyTtlMs), String(maxLength)];
    return session.run(APPEND, keys, [...limits, ...events.flatMap(eventArguments)]);
  }

  /** Age and bytes, also of a log that nobody appends to; the number of events is seen to by each append. */
  async #keepTrimming(session: Session): Promise<void> {
    const { history, log } = this.#options;
    const limits = [String(history.maxAgeMs), String(Math.max(history.maxBytes, LEAST_BYTES))];
    while (!session.signal.aborted) {
      await session.run(TRIM, [this.#keys.log], limits).catch((error: unknown) => {
        if (errorCode(error) !== undefined) log.warn({ err: error }, "cannot trim the log");
      });
      await pause(TRIM_PERIOD_MS * (0.8 + 0.4 * Math.random()), session.signal);
    }
  }
}
