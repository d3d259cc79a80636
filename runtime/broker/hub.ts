/**
 * Start reading here. The hub is a pod's broker and the one owner of its subscriber table:
 *
 *   publish → backplane → (every pod's) follow → replay log → fan-out → the topic's subscribers
 *
 * A subscriber is served from the replay log until it has caught up (backfill) and by the fan-out from then on (live).
 * Both go by the position in the log that it has reached, so the change-over can neither skip nor repeat an event.
 * Knows neither HTTP nor sockets nor clocks: those are the ports Sink and Scheduler.
 */
import { Backfill } from "./backfill.ts";
import { createCounters, type HubCounters } from "./counters.ts";
import { endSpread } from "./drain.ts";
import { FanOut } from "./fan-out.ts";
import { openStream } from "./opening.ts";
import { ReplayLog, type HistoryLimits } from "./replay-log.ts";
import { SubscriberTable } from "./subscriber-table.ts";
import { Subscription } from "./subscription.ts";
import { encodeEnd, encodeGap, encodeHeartbeat, encodeHello, encodeRefusal } from "./wire.ts";
import type { AppendOutcome, Backplane, Batch } from "./backplane.ts";
import type { Cursor } from "./cursor.ts";
import type { StoredEvent, Topic } from "./event.ts";
import type { EndReason, GapReason, RefusalReason } from "./reasons.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Sink } from "./sink.ts";

const TICK_MS = 1_000;
/** A backfill that could write nothing for so long is given up. */
const STALLED_TICKS = 30;

export interface HubOptions {
  /** Tells clients that ask for it who serves them. */
  readonly pod: string;
  readonly history: HistoryLimits;
  readonly heartbeatSeconds: number;
  readonly retryMs: number;
  readonly maxLifetimeMs: number;
  readonly maxConnections: number;
  readonly maxBufferedBytes: number;
}

export interface SubscribeRequest {
  /** Without repeats. */
  readonly topics: readonly Topic[];
  /** The cursor to resume after, as the client sent it; undefined: from now on. */
  readonly lastEventId: string | undefined;
  readonly wantsHello: boolean;
  /** Said in the hello event beside pod and cursor. */
  readonly helloFields?: Readonly<Record<string, string>>;
}

export interface HubStats {
  readonly connections: number;
  readonly topics: number;
  readonly bufferedBytes: number;
  readonly history: { readonly events: number; readonly bytes: number };
  readonly cursor: string;
}

export class Hub {
  readonly counters: HubCounters = createCounters();
  readonly #options: HubOptions;
  readonly #backplane: Backplane;
  readonly #scheduler: Scheduler;
  readonly #log: ReplayLog;
  readonly #table = new SubscriberTable();
  readonly #fanOut: FanOut;
  readonly #backfill: Backfill;
  #phase: "starting" | "open" | "draining" = "starting";
  #tick = 0;
  #stopTicking = (): void => {};

  constructor(backplane: Backplane, scheduler: Scheduler, options: HubOptions) {
    this.#backplane = backplane;
    this.#scheduler = scheduler;
    this.#options = options;
    this.#log = new ReplayLog(options.history);
    this.#fanOut = new FanOut(this.#table, scheduler, (to, bytes, events) =>
      this.#deliver(to, bytes, events),
    );
    this.#backfill = new Backfill(this.#log, scheduler, {
      write: (subscription, bytes, events) => this.#write(subscription, bytes, events),
      fellBehind: (subscription) =>
        this.#tellGap(subscription, this.#log.cursorAt(subscription.position), "trimmed"),
      caughtUp: (subscription) => this.#goLive(subscription),
    });
  }

  get isReady(): boolean {
    return this.#phase !== "starting";
  }

  /** Resolves once the history has been read and subscribers can be served. */
  async start(): Promise<void> {
    await this.#backplane.follow({
      begin: (floor, loss) => this.#begin(floor, loss),
      append: (events) => this.#append(events),
    });
    this.#stopTicking = this.#scheduler.every(TICK_MS, () => this.#onTick());
    if (this.#phase === "starting") this.#phase = "open";
  }

  /** Stored means that every subscriber of the topic, on every pod, will get it. */
  publish(batch: Batch): AppendOutcome | Promise<AppendOutcome> {
    return this.#backplane.append(batch);
  }

  /**
   * Serves the sink until one side ends it; undefined when it was told to come back later instead. What permits the
   * stream lasts for `permittedMs`.
   */
  subscribe(
    request: SubscribeRequest,
    sink: Sink,
    permittedMs = Number.POSITIVE_INFINITY,
  ): Subscription | undefined {
    const refusal = this.#refusal();
    if (refusal !== undefined) return this.refuse(sink, refusal);
    const lifetimeMs = this.#options.maxLifetimeMs * (0.8 + 0.2 * this.#scheduler.random());
    const start = this.#open(request, sink);
    const subscription = new Subscription(this, request.topics, sink, {
      position: start.position,
      tick: this.#tick,
      heartbeatPhase: this.counters.accepted % this.#options.heartbeatSeconds,
      endsAtMs: this.#scheduler.now() + Math.min(lifetimeMs, permittedMs),
      endsWith: permittedMs < lifetimeMs ? "token_expired" : "lifetime",
    });
    this.counters.accepted++;
    this.#table.add(subscription);
    this.#backfill.advance(subscription);
    return subscription;
  }

  /** Begins no stream: the client is told to come back later. */
  refuse(sink: Sink, reason: RefusalReason): undefined {
    this.counters.refused[reason]++;
    sink.end(encodeRefusal(this.#retryMs(), reason));
  }

  /** Part of the sink's side: a backfill can go on. */
  resume(subscription: Subscription): void {
    this.#backfill.resume(subscription);
  }

  /** Ends one stream; repeated calls do nothing. */
  leave(subscription: Subscription, reason: EndReason): void {
    if (subscription.state === "ended") return;
    subscription.state = "ended";
    this.#table.remove(subscription);
    this.counters.ended[reason]++;
    const canBeTold = reason === "lifetime" || reason === "token_expired" || reason === "shutdown";
    if (canBeTold) subscription.sink.end(encodeEnd(reason));
    else subscription.sink.destroy();
  }

  /**
   * Takes no more streams and ends the open ones one by one, over at most `windowMs`. Resolves with the last. Events
   * go on being delivered meanwhile.
   */
  drain(windowMs: number): Promise<void> {
    this.#phase = "draining";
    const { all } = this.#table;
    return endSpread(
      this.#scheduler,
      windowMs,
      () => all.length,
      () => all.slice(-1).forEach((subscription) => this.leave(subscription, "shutdown")),
    );
  }

  async close(): Promise<void> {
    this.#stopTicking();
    await this.#backplane.close();
  }

  stats(): HubStats {
    const { all } = this.#table;
    return {
      connections: all.length,
      topics: this.#table.topicCount,
      bufferedBytes: all.reduce((sum, { sink }) => sum + sink.bufferedBytes, 0),
      history: { events: this.#log.size, bytes: this.#log.bytes },
      cursor: this.#log.last.text,
    };
  }

  #refusal(): RefusalReason | undefined {
    if (this.#phase === "starting") return "not_ready";
    if (this.#phase === "draining") return "shutdown";
    return this.#table.all.length >= this.#options.maxConnections ? "connection_limit" : undefined;
  }

  /** Tells the client where it is; answers where the stream goes on. */
  #open({ lastEventId, wantsHello, helloFields }: SubscribeRequest, sink: Sink): Cursor {
    const { start, gap, kind, block } = openStream(this.#log, lastEventId, this.#retryMs());
    if (gap !== undefined) this.counters.gaps[gap]++;
    if (kind === "resumed") this.counters.resumed++;
    const hello = { ...helloFields, pod: this.#options.pod, cursor: start.text };
    sink.write(wantsHello ? Buffer.concat([block, encodeHello(hello)]) : block);
    return start;
  }

  /** Nothing can come between the last page and the first pass: both happen in one turn, by the same position. */
  #goLive(subscription: Subscription): void {
    subscription.state = "live";
    this.#table.seat(subscription);
  }

  #append(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#log.append(event);
      this.counters.bytesIn += event.block.length;
    }
    this.counters.eventsIn += events.length;
    this.#fanOut.push(events);
  }

  /** After a loss nobody is left in silence: every open stream is told before it goes on. */
  #begin(floor: Cursor, loss: GapReason | undefined): void {
    this.#fanOut.begin(floor);
    const reached = this.#table.all.map((subscription) => this.#reached(subscription));
    this.#log.begin(floor);
    if (loss === undefined) return;
    for (const [index, subscription] of this.#table.all.entries()) {
      this.#tellGap(subscription, reached[index] ?? floor, loss);
    }
  }

  /** What lies between is lost to this stream; it goes on with the oldest event held. */
  #tellGap(subscription: Subscription, reached: Cursor, reason: GapReason): void {
    const oldest = this.#log.floor;
    this.counters.gaps[reason]++;
    this.#write(subscription, encodeGap({ requested: reached.text, oldest: oldest.text, reason }), 0);
    subscription.position = oldest.position;
  }

  /** A live subscriber of a quiet topic has reached the end without a write. */
  #reached({ state, position }: Subscription): Cursor {
    return state === "live" ? this.#log.last : this.#log.cursorAt(position);
  }

  #deliver(subscription: Subscription, bytes: Buffer, events: number): void {
    if (subscription.sink.bufferedBytes > this.#options.maxBufferedBytes) {
      return this.leave(subscription, "slow_subscriber");
    }
    this.#write(subscription, bytes, events);
  }

  #write(subscription: Subscription, bytes: Buffer, events: number): void {
    subscription.sink.write(bytes);
    subscription.writtenAtTick = this.#tick;
    this.counters.eventsOut += events;
    this.counters.bytesOut += bytes.length;
  }

  #onTick(): void {
    this.#tick++;
    const now = this.#scheduler.now();
    this.#log.trim(now);
    const heartbeat = encodeHeartbeat(this.#fanOut.delivered.text);
    for (let index = this.#table.all.length - 1; index >= 0; index--) {
      const subscription = this.#table.all[index];
      if (subscription === undefined) continue;
      const endReason = this.#endReason(subscription, now);
      if (endReason !== undefined) this.leave(subscription, endReason);
      else if (this.#needsHeartbeat(subscription)) this.#deliver(subscription, heartbeat, 0);
    }
  }

  #endReason({ endsAtMs, endsWith, state, writtenAtTick }: Subscription, now: number): EndReason | undefined {
    if (now >= endsAtMs) return endsWith;
    const isStalled = state === "backfill" && this.#tick - writtenAtTick >= STALLED_TICKS;
    return isStalled ? "slow_subscriber" : undefined;
  }

  /**
   * Each stream has its own second of the heartbeat's period, so that the work is spread evenly. One that is ahead of
   * the heartbeat's cursor must not be moved back.
   */
  #needsHeartbeat({ state, position, heartbeatPhase }: Subscription): boolean {
    const isItsTurn = this.#tick % this.#options.heartbeatSeconds === heartbeatPhase;
    return isItsTurn && state === "live" && position <= this.#fanOut.delivered.position;
  }

  #retryMs(): number {
    return Math.round(this.#options.retryMs * (0.8 + 0.4 * this.#scheduler.random()));
  }
}
