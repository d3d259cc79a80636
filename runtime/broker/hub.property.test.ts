/**
 * The promises to a subscriber, under schedules nobody would think of: publish, connect, read a little, cut, resume,
 * trim, restart, in any order and on two pods, against a model that only knows what was published.
 */
import fc from "fast-check";
import { test } from "vitest";
import { HubWorld } from "#runtime/test/hub-world.ts";
import { ModelBrowser, PublishedLog } from "#runtime/test/model-browser.ts";

const TOPICS = ["a", "b", "c"];
const SUBSCRIPTIONS = [["a"], ["b"], ["a", "b"], ["c", "a"], ["a", "b", "c"]];
/** Small, so that trimming, several pages and slow subscribers are frequent. */
const OPTIONS = {
  history: { maxEvents: 40, maxAgeMs: 60_000, maxBytes: 200_000 },
  heartbeatSeconds: 2,
  maxLifetimeMs: 20_000,
  maxBufferedBytes: 70_000,
};

/** Of an event, when other processes have the core. */
const LONGEST_WAIT_MS = 30;

const browser = fc.nat({ max: 5 });
const pod = fc.nat({ max: 1 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      topic: fc.constantFrom(...TOPICS),
      size: fc.constantFrom(0, 10, 20_000),
      count: fc.integer({ min: 1, max: 30 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("connect" as const), browser, pod, isBlocked: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("read" as const), browser, bytes: fc.nat({ max: 90_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const), browser }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  },
  // Other processes have the core, or have it no longer.
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("contend" as const), heldUpMs: fc.constantFrom(0, 3) }),
  },
  // A pod goes, and another one takes its place and reads the log.
  { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const), pod }) },
  // All pods go, and with them the log in their memory.
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Schedule {
  readonly #published = new PublishedLog(OPTIONS.history);
  readonly #browsers = Array.from(
    { length: 6 },
    (_, index) => new ModelBrowser(SUBSCRIPTIONS[index % SUBSCRIPTIONS.length] ?? [], this.#published),
  );
  #first: HubWorld;
  #second: HubWorld;
  #epochs = 0;
  #events = 0;

  private constructor(first: HubWorld, second: HubWorld) {
    this.#first = first;
    this.#second = second;
  }

  static async open(): Promise<Schedule> {
    const first = await HubWorld.open(OPTIONS, "epoch0");
    return new Schedule(first, await HubWorld.open(OPTIONS, "epoch0", first));
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#take(step);
      for (const browser of this.#browsers) browser.check();
    }
    this.#finish();
  }

  get #epoch(): string {
    return `epoch${this.#epochs}`;
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case "publish":
        for (let left = step.count; left > 0; left--) this.#publish(step.topic, step.size);
        return;
      case "turn":
        return this.#first.scheduler.turn();
      case "connect":
        return this.#browsers[step.browser]?.connect(this.#pod(step.pod), step.isBlocked);
      case "read":
        return this.#browsers[step.browser]?.sink?.drain(step.bytes);
      case "cut":
        return this.#browsers[step.browser]?.cut();
      case "wait":
        return this.#first.scheduler.advance(step.ms);
      case "contend":
        this.#first.scheduler.heldUpMs = step.heldUpMs;
        return;
      case "replace":
        return this.#replace(step.pod);
      case "restart":
        return this.#restart();
    }
  }

  #publish(topic: string, size: number): void {
    const data = `${this.#events++} ${"x".repeat(size)}`;
    this.#first.publish(data, topic);
    this.#published.add(this.#epoch, { topic, data, atMs: this.#first.scheduler.now() });
  }

  async #restart(): Promise<void> {
    for (const browser of this.#browsers) browser.cut();
    this.#epochs++;
    this.#first = await HubWorld.open(OPTIONS, this.#epoch);
    this.#second = await HubWorld.open(OPTIONS, this.#epoch, this.#first);
  }

  async #replace(index: number): Promise<void> {
    for (const browser of this.#browsers) if (browser.isOn(this.#pod(index))) browser.cut();
    const pod = await HubWorld.open(OPTIONS, this.#epoch, this.#first);
    if (index === 0) this.#first = pod;
    else this.#second = pod;
  }

  #pod(index: number): HubWorld {
    return index === 0 ? this.#first : this.#second;
  }

  /** Everybody comes back and reads to the end. */
  #finish(): void {
    for (const [index, browser] of this.#browsers.entries()) {
      browser.connect(this.#pod(index % 2), false);
      this.#first.scheduler.settle();
      this.#first.scheduler.advance(LONGEST_WAIT_MS);
      browser.check();
      browser.checkComplete(this.#epoch);
    }
  }
}

test(
  "everything after the cursor comes exactly once and in order, or a gap is told",
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const schedule = await Schedule.open();
        await schedule.run(steps);
      }),
      { numRuns: 400 },
    );
  },
);
