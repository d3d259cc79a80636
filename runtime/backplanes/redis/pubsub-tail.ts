/**
 * Hands what is published on the channel to one follower, and says so when something is missing. The head is asked
 * for on the same connection: once it has answered with position n, everything up to n has either come or never will.
 */
import type { LogReader } from "#runtime/broker/backplane.ts";
import type { GapReason } from "#runtime/broker/reasons.ts";
import { pause } from "#runtime/pause.ts";
import { cursorOf, type Place } from "./continuity.ts";
import { storeAt } from "./entries.ts";
import { findBeginning } from "./inspection.ts";
import type { LogKeys } from "./keys.ts";
import type { Log } from "./log.ts";
import { parseMessage, type Message } from "./message.ts";
import type { Session } from "./session.ts";

export interface PubSubTailOptions {
  readonly keys: LogKeys;
  readonly reader: LogReader;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

const CHECK_PERIOD_MS = 1_000;

export class PubSubTail {
  readonly #options: PubSubTailOptions;
  #place: Place | undefined;
  #clockOffset = 0;

  constructor(options: PubSubTailOptions) {
    this.#options = options;
  }

  /**
   * Reads until the session ends; then rejects. What is published between the first look at the head and the
   * subscription is missed, and seen to be missed by the second look.
   */
  async serve(session: Session, ready: () => void): Promise<never> {
    await this.#verify(session);
    await session.subscribe(this.#options.keys.channel, (bytes) => {
      const message = session.signal.aborted ? undefined : parseMessage(bytes);
      if (message !== undefined) this.#onMessage(message, session);
    });
    await this.#verify(session);
    ready();
    for (;;) {
      await pause(CHECK_PERIOD_MS, session.signal);
      await this.#verify(session);
    }
  }

  async #verify(session: Session): Promise<void> {
    const { keys, now } = this.#options;
    const { inspection, beginning } = await findBeginning(session, keys, () => this.#place);
    if (session.signal.aborted) throw session.signal.reason;
    this.#clockOffset = inspection.serverMs - now();
    if (beginning !== undefined) this.#begin(beginning.floor, beginning.loss);
  }

  #onMessage({ epoch, ms, first, events }: Message, session: Session): void {
    const place = this.#place;
    const floor = { epoch, n: first - 1, ms: undefined };
    if (place?.epoch !== epoch) this.#begin(floor, "epoch");
    else if (first > place.n + 1) this.#begin(floor, "trimmed");
    else if (first <= place.n) return session.end(new Error(`Cannot go on: position ${first} came again`));
    this.#place = { epoch, n: first + events.length - 1, ms };
    this.#options.reader.append(
      events.map((event, index) => storeAt(event, epoch, { ms, n: first + index }, this.#clockOffset)),
    );
  }

  #begin(floor: Place, loss: GapReason | undefined): void {
    this.#place = floor;
    if (loss !== undefined) this.#options.log.warn({ loss, at: cursorOf(floor).text }, "the log has a gap");
    this.#options.reader.begin(cursorOf(floor), loss);
  }
}
