/**
 * The promises to a subscriber, under schedules nobody would think of: publish, connect, read a little, cut, resume,
 * trim, restart, in any order, against a model that only knows what was published.
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

const browser = fc.nat({ max: 5 });
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
    arbitrary: fc.record({ do: fc.constant("connect" as const), browser, isBlocked: fc.boolean() }),
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Schedule {
  readonly #published = new PublishedLog();
  readonly #browsers = Array.from(
    { length: 6 },
    (_, index) => new ModelBrowser(SUBSCRIPTIONS[index % SUBSCRIPTIONS.length] ?? [], this.#published),
  );
  #world = new HubWorld(OPTIONS, "epoch0");
  #epochs = 0;
  #events = 0;

  async run(steps: readonly Step[]): Promise<void> {
    await this.#world.hub.start();
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
        return this.#world.scheduler.turn();
      case "connect":
        return this.#browsers[step.browser]?.connect(this.#world, step.isBlocked);
      case "read":
        return this.#browsers[step.browser]?.sink?.drain(step.bytes);
      case "cut":
        return this.#browsers[step.browser]?.cut();
      case "wait":
        return this.#world.scheduler.advance(step.ms);
      case "restart":
        return this.#restart();
    }
  }

  #publish(topic: string, size: number): void {
    const data = `${this.#events++} ${"x".repeat(size)}`;
    this.#world.publish(data, topic);
    this.#published.add(this.#epoch, topic, data);
  }

  async #restart(): Promise<void> {
    for (const browser of this.#browsers) browser.cut();
    this.#epochs++;
    this.#world = await HubWorld.open(OPTIONS, this.#epoch);
  }

  /** Everybody comes back and reads to the end. */
  #finish(): void {
    for (const browser of this.#browsers) {
      browser.connect(this.#world, false);
      this.#world.scheduler.settle();
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
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), (steps) => new Schedule().run(steps)),
      { numRuns: 400 },
    );
  },
);
