/**
 * The backplane on Redis or Valkey Pub/Sub: the server keeps no event, so each pod's history begins when the pod does,
 * and `stored` means: handed to every pod that was connected at that moment, at most once.
 *
 * The server does keep the last position. Publishing counts it on and sends it along, in one step; so every pod gives
 * an event the same cursor, a resume works on any pod that was there, and a pod that missed something, of which the
 * server has no copy, sees it and tells its subscribers. What is not promised is delivery; silence about a loss is
 * not part of that.
 */
import type {
  AppendOutcome,
  Backplane,
  BackplaneHealth,
  Batch,
  LogReader,
} from "#runtime/broker/backplane.ts";
import { Appender } from "./redis/appender.ts";
import type { Connection } from "./redis/connection.ts";
import { Connections } from "./redis/connections.ts";
import { randomSeed } from "./redis/inspection.ts";
import { logKeys, type LogKeys } from "./redis/keys.ts";
import type { Log } from "./redis/log.ts";
import { encodeMessage } from "./redis/message.ts";
import type { ServerOptions } from "./redis/primary.ts";
import { PubSubTail } from "./redis/pubsub-tail.ts";
import { PUBLISH } from "./redis/scripts.ts";
import type { Session } from "./redis/session.ts";

export interface RedisPubSubOptions {
  readonly server: ServerOptions;
  readonly prefix: string;
  readonly service: string;
  /** An idempotency key is remembered for so long after its last use. */
  readonly keyTtlMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

const PROBLEMS = ["Events are delivered at most once: what a pod misses while it is disconnected is lost."];

export class RedisPubSubBackplane implements Backplane {
  readonly #options: RedisPubSubOptions;
  readonly #keys: LogKeys;
  readonly #appender: Appender;
  readonly #connections: Connections;
  readonly #appending: Connection;
  readonly #seed = randomSeed();

  constructor(options: RedisPubSubOptions) {
    this.#options = options;
    this.#keys = logKeys(options.prefix, options.service);
    this.#connections = new Connections(options.server, this.#keys.head, options.log);
    this.#appender = new Appender({ send: (session, batch) => this.#send(session, batch), minReplicas: 0 });
    this.#appending = this.#connections.open("publish", (session, ready) =>
      this.#appender.serve(session, ready),
    );
  }

  append(batch: Batch): Promise<AppendOutcome> {
    return this.#appender.append(batch);
  }

  /** There is no history: it resolves as soon as the follower would miss nothing any more. */
  async follow(reader: LogReader): Promise<void> {
    if (this.#connections.isClosed) return;
    const { now, log } = this.#options;
    const tail = new PubSubTail({ keys: this.#keys, reader, now, log });
    const connection = this.#connections.open("subscribe", (session, ready) => tail.serve(session, ready));
    await Promise.all([connection.begun, this.#appending.begun]);
  }

  health(): BackplaneHealth {
    return this.#connections.health({ durability: "process", problems: PROBLEMS });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  #send(session: Session, { events, key }: Batch): Promise<unknown> {
    const { head, log, channel, forKey } = this.#keys;
    const keys = key === undefined ? [head, log] : [head, log, forKey(key)];
    const about = [this.#seed, String(this.#options.keyTtlMs), channel, String(events.length)];
    return session.run(PUBLISH, keys, [...about, encodeMessage(events)]);
  }
}
