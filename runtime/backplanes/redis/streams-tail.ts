/**
 * Reads the log into one follower over a blocking connection of its own. Each answer comes with the log's head: that
 * the epoch is the known one and that every position follows the last proves that nothing was lost in between.
 */
import type { LogReader } from "#runtime/broker/backplane.ts";
import type { GapReason } from "#runtime/broker/reasons.ts";
import type { StoredEvent } from "#runtime/broker/event.ts";
import { cursorOf, type Place } from "./continuity.ts";
import { parseEntries, storeAt, type Entry } from "./entries.ts";
import { findBeginning, isSameLog } from "./inspection.ts";
import type { LogKeys } from "./keys.ts";
import type { Log } from "./log.ts";
import type { Session } from "./session.ts";

export interface StreamsTailOptions {
  readonly keys: LogKeys;
  readonly reader: LogReader;
  /** Entries asked for at once. */
  readonly pageSize: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/** Shorter than the session's patience. The log's head is looked at as often, also when nothing happens. */
const BLOCK_MS = 1_000;
const START = "0-0";

export class StreamsTail {
  readonly #options: StreamsTailOptions;
  readonly #caughtUp = Promise.withResolvers<void>();
  #place: Place | undefined;
  /** The entry after which to read; unlike the place it also counts what others wrote. */
  #lastId = START;
  #clockOffset = 0;
  /** The log's last position when the reading began. */
  #target = Number.POSITIVE_INFINITY;

  constructor(options: StreamsTailOptions) {
    this.#options = options;
  }

  /** Resolves once the history that there was at first has been handed over. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** Reads until the session ends; then rejects. */
  async serve(session: Session, ready: () => void): Promise<never> {
    await this.#verify(session);
    this.#settle(false);
    ready();
    for (;;) await this.#read(session);
  }

  /**
   * The first command only wakes the second: the server wakes it with the first event of a burst and executes what
   * stands behind it after the others have been appended, so that the burst comes, and goes out, as one.
   */
  async #read(session: Session): Promise<void> {
    const { keys, pageSize } = this.#options;
    const place = this.#place;
    const [, entriesReply, head] = await Promise.all([
      session.send(["XREAD", "COUNT", "1", "BLOCK", String(BLOCK_MS), "STREAMS", keys.log, this.#lastId]),
      session.send(["XREAD", "COUNT", String(pageSize), "STREAMS", keys.log, this.#lastId]),
      session.send(["HMGET", keys.head, "epoch", "n"]),
    ]);
    if (session.signal.aborted) return;
    if (place === undefined || !isSameLog(head, place)) return void (await this.#verify(session));
    const entries = parseEntries(entriesReply);
    const hole = this.#handOver(place, entries);
    if (hole !== undefined) await this.#cross(session, hole);
    else this.#settle(entries.length === 0);
  }

  #settle(isAtEnd: boolean): void {
    if (isAtEnd || (this.#place?.n ?? 0) >= this.#target) this.#caughtUp.resolve();
  }

  /** Says where to begin anew when the log does not continue what was read. */
  async #verify(session: Session): Promise<"continues" | "begins"> {
    const { inspection, beginning } = await findBeginning(session, this.#options.keys, () => this.#place);
    if (session.signal.aborted) throw session.signal.reason;
    this.#clockOffset = inspection.serverMs - this.#options.now();
    if (beginning === undefined) return "continues";
    this.#target = Math.min(this.#target, inspection.snapshot.n);
    this.#lastId = START;
    this.#begin(beginning.floor, beginning.loss);
    return "begins";
  }

  #begin(floor: Place, loss: GapReason | undefined): void {
    this.#place = floor;
    if (loss !== undefined) this.#options.log.warn({ loss, at: cursorOf(floor).text }, "the log has a gap");
    this.#options.reader.begin(cursorOf(floor), loss);
  }

  /** Answers the position of the entry at which the log does not go on as it should. */
  #handOver(place: Place, entries: readonly Entry[]): number | undefined {
    const events: StoredEvent[] = [];
    let { n, ms } = place;
    let hole: number | undefined;
    for (const entry of entries) {
      const isOurs = entry.event !== undefined && entry.n > n;
      if (isOurs && entry.n > n + 1) {
        hole = entry.n;
        break;
      }
      this.#lastId = entry.id;
      if (entry.event === undefined || !isOurs) continue;
      ({ n, ms } = entry);
      events.push(storeAt(entry.event, place.epoch, entry, this.#clockOffset));
    }
    this.#place = { epoch: place.epoch, n, ms };
    if (events.length > 0) this.#options.reader.append(events);
    return hole;
  }

  /** Where the log as a whole is as it should be, the missing entries alone were removed. */
  async #cross(session: Session, hole: number): Promise<void> {
    if ((await this.#verify(session)) === "begins" || this.#place === undefined) return;
    this.#begin({ epoch: this.#place.epoch, n: hole - 1, ms: undefined }, "trimmed");
  }
}
