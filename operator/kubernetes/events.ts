/**
 * Records events.k8s.io/v1 Events: the first of a series at once, its repeats counted up on the same object and written at
 * most every half minute. An object that causes too many different ones runs into a budget.
 */
import { createHash } from "node:crypto";
import { type Clock, systemClock } from "#operator/engine/clock.ts";
import { ClusterError, type ClusterEvent, type DesiredObject } from "#operator/engine/cluster.ts";
import { RunBudget } from "#operator/engine/run-budget.ts";
import { formatMicroTime } from "./micro-time.ts";

export type EventSource = {
  /** Qualified name of the controller, e.g. `example.dev/some-operator`. */
  controller: string;
  /** Name of this process, e.g. of its pod. */
  instance: string;
};

export type EventRecorderOptions = {
  source: EventSource;
  apply: (event: DesiredObject) => Promise<unknown>;
  onLost: (error: ClusterError, event: ClusterEvent) => void;
  clock?: Clock;
  /** Epoch milliseconds, for what people read. */
  wallClock?: () => number;
};

/** One stored Event object: what happened, and how often. */
type Series = {
  event: ClusterEvent;
  firstMs: number;
  lastMs: number;
  count: number;
  /** The count as last sent. */
  sentCount: number;
  /** By the monotonic clock. */
  repeatedMs: number;
  cancelWrite: (() => void) | undefined;
  /** Ends with the last write begun. One follows the other: an older count must not overwrite a newer one. */
  written: Promise<void>;
};

const MAX_NOTE_LENGTH = 1024;
const WRITE_INTERVAL_MS = 30_000;
/** The API server drops an Event an hour after its last write, by default; a later repeat begins a new series. */
const MAX_IDLE_MS = 30 * 60_000;
const BUDGET_PER_OBJECT = { burst: 25, perSecond: 1 / 60 };

export class EventRecorder {
  readonly #options: Required<EventRecorderOptions>;
  readonly #series = new Map<string, Series>();
  readonly #budget = new RunBudget(BUDGET_PER_OBJECT);
  #forgetAtMs = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = { clock: systemClock, wallClock: Date.now, ...options };
  }

  record(event: ClusterEvent): void {
    this.#forgetIdle();
    const key = digest([event.regarding.uid, event.type, event.reason, event.action, event.note]);
    const series = this.#series.get(key);
    if (series === undefined) this.#begin(key, event);
    else this.#repeat(series);
  }

  /** Writes the repeats that wait for their time, and ends when everything is written. */
  async flush(): Promise<void> {
    const all = [...this.#series.values()];
    for (const series of all) if (series.cancelWrite !== undefined) this.#write(series);
    await Promise.all(all.map((series) => series.written));
  }

  #begin(key: string, event: ClusterEvent): void {
    const { clock, wallClock, onLost } = this.#options;
    const now = clock.now();
    const { uid, name } = event.regarding;
    if (this.#budget.waitMs(uid, now) > 0) {
      return onLost(
        new ClusterError("TooManyRequests", `Cannot record an event for "${name}": it had too many`),
        event,
      );
    }
    this.#budget.spend(uid, now);
    const atMs = wallClock();
    const times = { firstMs: atMs, lastMs: atMs, repeatedMs: now };
    const series = {
      event,
      ...times,
      count: 1,
      sentCount: 0,
      cancelWrite: undefined,
      written: Promise.resolve(),
    };
    this.#series.set(key, series);
    this.#write(series);
  }

  #repeat(series: Series): void {
    const { clock, wallClock } = this.#options;
    series.count += 1;
    series.lastMs = wallClock();
    series.repeatedMs = clock.now();
    series.cancelWrite ??= clock.after(WRITE_INTERVAL_MS, () => this.#write(series));
  }

  #write(series: Series): void {
    series.cancelWrite?.();
    series.cancelWrite = undefined;
    series.written = series.written.then(() => this.#send(series));
  }

  async #send(series: Series): Promise<void> {
    if (series.sentCount === series.count) return;
    series.sentCount = series.count;
    try {
      await this.#options.apply(buildEvent(series, this.#options.source));
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      this.#options.onLost(error, series.event);
    }
  }

  /** Now and then: it looks at all that there are. */
  #forgetIdle(): void {
    const now = this.#options.clock.now();
    if (now < this.#forgetAtMs) return;
    this.#forgetAtMs = now + WRITE_INTERVAL_MS;
    this.#budget.prune(now);
    for (const [key, { repeatedMs }] of this.#series) {
      if (now - repeatedMs >= MAX_IDLE_MS) this.#series.delete(key);
    }
  }
}

/** The name tells the series apart, so that each write of it is an apply to the same object. */
function buildEvent(series: Series, { controller, instance }: EventSource): DesiredObject {
  const { event, count } = series;
  const { regarding } = event;
  const firstAt = formatMicroTime(series.firstMs);
  const note = event.note.slice(0, MAX_NOTE_LENGTH);
  const id = digest([regarding.uid, event.type, event.reason, event.action, note, instance, firstAt]).slice(
    0,
    16,
  );
  const namespace = regarding.namespace ?? "default";
  const object = {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: `${regarding.name}.${id}`, namespace },
    eventTime: firstAt,
    type: event.type,
    reason: event.reason,
    action: event.action,
    note,
    regarding,
    reportingController: controller,
    reportingInstance: instance,
    ...(count > 1 && { series: { count, lastObservedTime: formatMicroTime(series.lastMs) } }),
  };
  return object;
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
