/**
 * A browser as the promises see it: it keeps its cursor over reconnects and compares every block that it reads with
 * the log as it was published.
 */
import { expect } from "vitest";
import { parseCursor } from "#runtime/broker/cursor.ts";
import type { HistoryLimits } from "#runtime/broker/replay-log.ts";
import type { ParsedBlock } from "./event-stream-parser.ts";
import type { HubWorld } from "./hub-world.ts";
import type { RecordingSink } from "./recording-sink.ts";

export interface PublishedEvent {
  readonly topic: string;
  readonly data: string;
  readonly atMs: number;
}

/** What an event takes on the wire besides its data, at most. */
const MAX_FRAME_BYTES = 100;

/** Everything that was ever published, by epoch; position n is at index n - 1. */
export class PublishedLog {
  readonly #history: HistoryLimits;
  readonly #epochs = new Map<string, PublishedEvent[]>();

  constructor(history: HistoryLimits) {
    this.#history = history;
  }

  add(epoch: string, event: PublishedEvent): void {
    const log = this.#epochs.get(epoch) ?? [];
    log.push(event);
    this.#epochs.set(epoch, log);
  }

  /** Whether a history within its limits still has everything after this position. */
  mustHold(epoch: string, after: number, nowMs: number): boolean {
    const events = (this.#epochs.get(epoch) ?? []).slice(after);
    const bytes = events.reduce((sum, { data }) => sum + data.length + MAX_FRAME_BYTES, 0);
    const { maxEvents, maxBytes, maxAgeMs } = this.#history;
    const areYoung = events.every(({ atMs }) => nowMs - atMs < maxAgeMs);
    return events.length <= maxEvents && bytes <= maxBytes && areYoung;
  }

  /** What a subscriber of the topics must read between two positions, the later one included. */
  between(epoch: string, after: number, upTo: number, topics: readonly string[]): string[] {
    const events = (this.#epochs.get(epoch) ?? []).slice(after, upTo);
    return events.filter(({ topic }) => topics.includes(topic)).map(({ data }) => data);
  }

  last(epoch: string): number {
    return this.#epochs.get(epoch)?.length ?? 0;
  }
}

export class ModelBrowser {
  readonly topics: readonly string[];
  readonly #published: PublishedLog;
  sink: RecordingSink | undefined;
  #pod: HubWorld | undefined;
  #cursor: string | undefined;
  #blocksRead = 0;

  constructor(topics: readonly string[], published: PublishedLog) {
    this.topics = topics;
    this.#published = published;
  }

  get isConnected(): boolean {
    return this.sink?.state === "open";
  }

  isOn(pod: HubWorld | undefined): boolean {
    return this.#pod === pod;
  }

  connect(world: HubWorld, isBlocked: boolean): void {
    this.cut();
    this.#pod = world;
    const resume = this.#cursor === undefined ? {} : { lastEventId: this.#cursor };
    this.sink = world.connect({ topics: this.topics, isBlocked, ...resume });
    this.#blocksRead = 0;
  }

  /** What had not been read is lost. */
  cut(): void {
    if (this.isConnected) this.sink?.subscription?.closed("client_closed");
    this.sink = undefined;
    this.#pod = undefined;
  }

  /** Reads what has come, and checks that it continues what was read before. */
  check(): void {
    const blocks = this.sink?.parser.blocks.slice(this.#blocksRead) ?? [];
    for (const block of blocks) this.#checkBlock(block);
    this.#blocksRead += blocks.length;
  }

  /** Nothing that it should have is missing. */
  checkComplete(epoch: string): void {
    const position = parseCursor(this.#cursor ?? "")?.position ?? 0;
    expect(this.#published.between(epoch, position, this.#published.last(epoch), this.topics)).toEqual([]);
  }

  #checkBlock({ lastEventId, event }: ParsedBlock): void {
    const before = this.#cursor;
    this.#cursor = lastEventId;
    if (before === undefined) return expect(event).toBeUndefined();
    if (event?.type === "gap") return this.#checkGap(before, event.data);
    const [from, to] = [parseCursor(before), parseCursor(lastEventId)];
    if (from === undefined || to === undefined)
      throw new Error(`Cannot read "${before}" or "${lastEventId}"`);
    expect(to.epoch).toBe(from.epoch);
    expect(to.position).toBeGreaterThanOrEqual(from.position);
    const missed = this.#published.between(to.epoch, from.position, to.position, this.topics);
    expect(missed).toEqual(event === undefined ? [] : [event.data]);
  }

  /** A gap names the cursor that the browser really had, and is never told without need. */
  #checkGap(before: string, data: string): void {
    const { requested, oldest, reason } = JSON.parse(data) as Record<string, string>;
    const [from, to] = [parseCursor(before), parseCursor(oldest ?? "")];
    expect(oldest).toBe(this.#cursor);
    if (from !== undefined && from.epoch === to?.epoch) {
      expect(reason).toBe("trimmed");
      const nowMs = this.#pod?.scheduler.now() ?? 0;
      expect(this.#published.mustHold(from.epoch, from.position, nowMs)).toBe(false);
      expect(from.position).toBeLessThan(to?.position ?? 0);
    } else expect(reason).toBe("epoch");
    expect(requested).toMatch(/^[a-z]+[0-9]*\.[0-9a-z]+$/);
  }
}
