/**
 * The backplane of a single pod: the log lives and dies with this process. Positions are handed out here, so a new
 * process is a new epoch and every older cursor is answered with a gap.
 */
import { createCursor, type Cursor } from "#runtime/broker/cursor.ts";
import { storeEvent, type StoredEvent } from "#runtime/broker/event.ts";
import { ReplayLog, type HistoryLimits } from "#runtime/broker/replay-log.ts";
import type {
  AppendOutcome,
  Backplane,
  BackplaneHealth,
  Batch,
  LogReader,
} from "#runtime/broker/backplane.ts";
import type { Scheduler } from "#runtime/broker/scheduler.ts";
import { IdempotencyKeys, type KeyLimits } from "./idempotency-keys.ts";

export interface MemoryOptions {
  /** Unlike that of any other process: 1-16 letters and digits. */
  readonly epoch: string;
  readonly history: HistoryLimits;
  readonly keys: KeyLimits;
  readonly scheduler: Scheduler;
}

/** An idle log must age too. */
const TRIM_PERIOD_MS = 10_000;

export class MemoryBackplane implements Backplane {
  readonly #options: MemoryOptions;
  readonly #log: ReplayLog;
  readonly #keys: IdempotencyKeys;
  readonly #readers = new Set<LogReader>();
  readonly #stopTrimming: () => void;
  #isClosed = false;

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.#log = new ReplayLog(options.history);
    this.#log.begin(createCursor(options.epoch, 0));
    this.#keys = new IdempotencyKeys(options.keys);
    this.#stopTrimming = options.scheduler.every(TRIM_PERIOD_MS, () =>
      this.#log.trim(options.scheduler.now()),
    );
  }

  follow(reader: LogReader): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    reader.begin(this.#log.floor, undefined);
    const history = [...this.#log.events()];
    if (history.length > 0) reader.append(history);
    this.#readers.add(reader);
    return Promise.resolve();
  }

  health(): BackplaneHealth {
    return { state: this.#isClosed ? "down" : "up", durability: "process", problems: [] };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#readers.clear();
    this.#stopTrimming();
    return Promise.resolve();
  }

  append({ events, key }: Batch): AppendOutcome {
    if (this.#isClosed) return { kind: "refused", reason: "The backplane is closed." };
    const now = this.#options.scheduler.now();
    const known = key === undefined ? undefined : this.#keys.find(key, now);
    if (known !== undefined) return { kind: "stored", cursors: known, repeated: true };
    const cursors = this.#store(
      events.map((event, index) => storeEvent(event, this.#cursorAfter(index + 1), now)),
    );
    if (key !== undefined) this.#keys.remember(key, cursors, now);
    return { kind: "stored", cursors, repeated: false };
  }

  #store(events: readonly StoredEvent[]): readonly Cursor[] {
    for (const event of events) this.#log.append(event);
    for (const reader of this.#readers) reader.append(events);
    return events.map((event) => event.cursor);
  }

  #cursorAfter(steps: number): Cursor {
    return createCursor(this.#options.epoch, this.#log.last.position + steps);
  }
}
