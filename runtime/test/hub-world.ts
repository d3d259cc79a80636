/** A hub on a memory backplane, with time and clients that a test moves by hand. */
import { MemoryBackplane } from "#runtime/backplanes/memory.ts";
import { Hub, type HubOptions } from "#runtime/broker/hub.ts";
import type { LogReader } from "#runtime/broker/backplane.ts";
import { newEvent, topicNamed } from "./events.ts";
import { FakeScheduler } from "./fake-scheduler.ts";
import { RecordingSink } from "./recording-sink.ts";

export const HISTORY = { maxEvents: 1_000, maxAgeMs: 1_000_000, maxBytes: 10_000_000 };

const OPTIONS: HubOptions = {
  pod: "pod-1",
  history: HISTORY,
  heartbeatSeconds: 15,
  retryMs: 2_000,
  maxLifetimeMs: 3_600_000,
  maxConnections: 1_000,
  maxBufferedBytes: 100_000,
};

export interface Connect {
  readonly topics?: readonly string[];
  readonly lastEventId?: string;
  readonly hello?: boolean;
  readonly isBlocked?: boolean;
  readonly permittedMs?: number;
}

/** Lets a test speak to the hub as its backplane would. */
class WatchedBackplane extends MemoryBackplane {
  reader: LogReader | undefined;

  override follow(reader: LogReader): Promise<void> {
    this.reader = reader;
    return super.follow(reader);
  }
}

export class HubWorld {
  readonly scheduler: FakeScheduler;
  readonly backplane: WatchedBackplane;
  readonly hub: Hub;

  /** `beside`: another pod on the same log, in the same time. */
  constructor(options: Partial<HubOptions> = {}, epoch = "e", beside?: HubWorld) {
    this.scheduler = beside?.scheduler ?? new FakeScheduler();
    const history = options.history ?? HISTORY;
    const keys = { maxKeys: 10, maxAgeMs: 1_000 };
    this.backplane =
      beside?.backplane ?? new WatchedBackplane({ epoch, history, keys, scheduler: this.scheduler });
    this.hub = new Hub(this.backplane, this.scheduler, { ...OPTIONS, ...options });
  }

  static async open(options?: Partial<HubOptions>, epoch?: string, beside?: HubWorld): Promise<HubWorld> {
    const world = new HubWorld(options, epoch, beside);
    await world.hub.start();
    return world;
  }

  connect({
    topics = ["default"],
    lastEventId,
    hello = false,
    isBlocked = false,
    permittedMs = Number.POSITIVE_INFINITY,
  }: Connect = {}): RecordingSink {
    const sink = new RecordingSink();
    sink.isBlocked = isBlocked;
    const request = { topics: topics.map(topicNamed), lastEventId, wantsHello: hello };
    sink.subscription = this.hub.subscribe(request, sink, permittedMs);
    return sink;
  }

  /** Stored, not yet delivered. */
  publish(data: string, topic = "default"): void {
    void this.hub.publish({ events: [newEvent(data, topic)], key: undefined });
  }

  /** Stored and delivered. */
  deliver(...data: readonly string[]): void {
    for (const text of data) this.publish(text);
    this.scheduler.settle();
  }
}
