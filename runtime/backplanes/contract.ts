/**
 * The one suite that each backplane must pass: the promises of the Backplane port, as tests. A backplane's own test
 * file hands in a harness, which starts the real server where there is one; what a harness cannot do is not asked.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseCursor, type Cursor } from "#runtime/broker/cursor.ts";
import type { AppendOutcome, Backplane, Batch, LogReader } from "#runtime/broker/backplane.ts";
import type { NewEvent, StoredEvent } from "#runtime/broker/event.ts";
import type { GapReason } from "#runtime/broker/reasons.ts";
import { newEvent } from "#runtime/test/events.ts";

export interface BackplaneHarness {
  /** A pod's backplane on the log of this harness; its history holds at least 100 events and at most 5,000. */
  open(): Promise<Backplane>;
  /** Lets the time pass after which an idempotency key is forgotten. */
  forgetKeys(): Promise<void>;
  /** Closes what was opened and stops the server. */
  stop(): Promise<void>;
}

export interface BackplaneTraits {
  /** false: a follower gets only what is appended after it has begun. */
  readonly keepsHistory: boolean;
}

/** What a follower was told. */
export class LogRecorder implements LogReader {
  readonly begins: { readonly floor: Cursor; readonly loss: GapReason | undefined }[] = [];
  readonly events: StoredEvent[] = [];
  #wake: () => void = () => {};

  begin(floor: Cursor, loss: GapReason | undefined): void {
    this.begins.push({ floor, loss });
    this.#wake();
  }

  append(events: readonly StoredEvent[]): void {
    this.events.push(...events);
    this.#wake();
  }

  get texts(): string[] {
    return this.events.map(({ cursor }) => cursor.text);
  }

  get data(): string[] {
    return this.events.map(({ block }) => /^data: (.*)$/m.exec(block.toString())?.[1] ?? "");
  }

  /** Resolves once so many events have come. */
  async waitFor(count: number): Promise<this> {
    while (this.events.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this;
  }
}

export function describeBackplane(
  name: string,
  start: () => Promise<BackplaneHarness>,
  { keepsHistory }: BackplaneTraits = { keepsHistory: true },
): void {
  describe(`${name} keeps the promises of a backplane`, () => {
    let harness: BackplaneHarness;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.stop());

    testAppend(() => harness);
    testKeys(() => harness);
    testFollow(() => harness);
    if (keepsHistory) testHistory(() => harness);
    testClose(() => harness);
  });
}

function testAppend(harness: () => BackplaneHarness): void {
  test("answers a cursor for each event, dense and in order", async () => {
    const backplane = await harness().open();
    const first = await store(backplane, batchOf("1", "2", "3"));
    const second = await store(backplane, batchOf("4"));
    expectDense([...first, ...second]);
  });

  test("every cursor can be read back and fits a Last-Event-ID header", async () => {
    const backplane = await harness().open();
    for (const cursor of await store(backplane, batchOf("1", "2"))) {
      expect(parseCursor(cursor.text)).toMatchObject({ epoch: cursor.epoch, position: cursor.position });
      expect(cursor.text).toMatch(/^[A-Za-z0-9._~-]{1,128}$/);
    }
  });

  test("a follower reads what was answered: topic, type, data and cursor", async () => {
    const backplane = await harness().open();
    const reader = await follow(backplane);
    const [cursor] = await store(backplane, {
      events: [newEvent("a\nb ü", "topic/ü", "type")],
      key: undefined,
    });
    const [event] = (await reader.waitFor(1)).events;
    expect(event?.topic).toBe("topic/ü");
    expect(event?.cursor.text).toBe(cursor?.text);
    expect(event?.block.toString()).toBe(`id: ${cursor?.text}\nevent: type\ndata: a\ndata: b ü\n\n`);
  });

  test("batches that are appended at once do not mix", async () => {
    const backplane = await harness().open();
    const reader = await follow(backplane);
    const names = Array.from({ length: 20 }, (_, index) => `batch ${index}`);
    await Promise.all(
      names.map((name) => store(backplane, batchOf(...Array.from({ length: 10 }, () => name)))),
    );
    const { data, events } = await reader.waitFor(200);
    const runs = data.filter((name, index) => name !== data[index - 1]);
    expect(runs.toSorted()).toEqual(names.toSorted());
    expectDense(events.map(({ cursor }) => cursor));
  });
}

function testKeys(harness: () => BackplaneHarness): void {
  test("a repeated key stores nothing and answers the first cursors", async () => {
    const backplane = await harness().open();
    const reader = await follow(backplane);
    const batch = { ...batchOf("1", "2"), key: "key" };
    const first = await backplane.append(batch);
    const again = await backplane.append(batch);
    expect(first).toMatchObject({ kind: "stored", repeated: false });
    expect(again).toEqual({ ...first, repeated: true });
    await store(backplane, batchOf("after"));
    expect((await reader.waitFor(3)).data).toEqual(["1", "2", "after"]);
  });

  test("the same key many times at once is one event", async () => {
    const backplane = await harness().open();
    const reader = await follow(backplane);
    const batch = { ...batchOf("1"), key: "key" };
    const outcomes = await Promise.all(Array.from({ length: 20 }, async () => backplane.append(batch)));
    expect(new Set(outcomes.flatMap(cursorsOf).map(({ text }) => text)).size).toBe(1);
    expect(outcomes.filter((outcome) => outcome.kind === "stored" && !outcome.repeated)).toHaveLength(1);
    await store(backplane, batchOf("after"));
    expect((await reader.waitFor(2)).data).toEqual(["1", "after"]);
  });

  test("the same key through two pods at once is one event with one cursor", async () => {
    const pods = await Promise.all([harness().open(), harness().open()]);
    const batch = { ...batchOf("1", "2"), key: "key" };
    const outcomes = await Promise.all(pods.map(async (pod) => pod.append(batch)));
    const [first, second] = outcomes.map((outcome) => cursorsOf(outcome).map(({ text }) => text));
    expect(first).toHaveLength(2);
    expect(second).toEqual(first);
    expect(outcomes.filter((outcome) => outcome.kind === "stored" && !outcome.repeated)).toHaveLength(1);
  });

  test("different keys and no key are different events", async () => {
    const backplane = await harness().open();
    const reader = await follow(backplane);
    for (const key of ["a", "b", undefined, undefined]) await store(backplane, { ...batchOf("same"), key });
    await store(backplane, batchOf("after"));
    expect((await reader.waitFor(5)).data).toEqual(["same", "same", "same", "same", "after"]);
  });

  test("a key that was forgotten is a new event", async () => {
    const backplane = await harness().open();
    const batch = { ...batchOf("1"), key: "key" };
    await store(backplane, batch);
    await harness().forgetKeys();
    expect(await backplane.append(batch)).toMatchObject({ kind: "stored", repeated: false });
  });
}

function testFollow(harness: () => BackplaneHarness): void {
  test("several followers are told the same, byte for byte", async () => {
    const backplane = await harness().open();
    const readers = await Promise.all([follow(backplane), follow(backplane)]);
    await Promise.all(Array.from({ length: 50 }, (_, index) => store(backplane, batchOf(`${index}`, "x"))));
    const [first, second] = await Promise.all(readers.map((reader) => reader.waitFor(100)));
    expectDense(first?.events.map(({ cursor }) => cursor) ?? []);
    expect(second?.texts).toEqual(first?.texts);
    expect(second?.data).toEqual(first?.data);
  });
}

function testHistory(harness: () => BackplaneHarness): void {
  test("begins without a loss, then hands over the history before it resolves", async () => {
    const backplane = await harness().open();
    const cursors = await store(backplane, batchOf("1", "2"));
    const reader = await follow(backplane);
    expect(reader.begins).toEqual([{ floor: expect.objectContaining({ position: 0 }), loss: undefined }]);
    expect(reader.texts).toEqual(cursors.map(({ text }) => text));
  });

  test("history and live events meet without a hole or a repeat while appends go on", async () => {
    const backplane = await harness().open();
    const appends = Array.from({ length: 50 }, (_, index) => store(backplane, batchOf(`${index}`)));
    const early = await follow(backplane);
    const more = Array.from({ length: 50 }, (_, index) => store(backplane, batchOf(`${50 + index}`)));
    const late = await follow(backplane);
    await Promise.all([...appends, ...more]);
    await Promise.all([early.waitFor(100), late.waitFor(100)]);
    expectDense(early.events.map(({ cursor }) => cursor));
    expect(late.texts).toEqual(early.texts);
    expect(late.events.map(({ block }) => block.toString())).toEqual(
      early.events.map(({ block }) => block.toString()),
    );
  });

  test("a history that was trimmed begins where it begins", async () => {
    const backplane = await harness().open();
    for (let index = 0; index < 12; index++) {
      await store(backplane, { events: Array.from({ length: 500 }, () => newEvent("x")), key: undefined });
    }
    const { begins, events } = await follow(backplane);
    const positions = events.map(({ cursor }) => cursor.position);
    expect(events.length).toBeGreaterThanOrEqual(100);
    expect(begins[0]?.floor.position).toBe((positions[0] ?? 0) - 1);
    expect(positions.at(-1)).toBe(6_000);
    expect(begins[0]?.floor.position).toBeGreaterThan(0);
  });
}

function testClose(harness: () => BackplaneHarness): void {
  test("afterwards appends are refused and no reader is called", async () => {
    const backplane = await harness().open();
    const reader = await follow(backplane);
    await backplane.close();
    await backplane.close();
    expect(await backplane.append(batchOf("1"))).toMatchObject({ kind: "refused" });
    expect(reader.events).toEqual([]);
    expect(backplane.health()).toMatchObject({ state: "down" });
  });
}

export function batchOf(...data: readonly string[]): Batch {
  const events: NewEvent[] = data.map((text) => newEvent(text));
  return { events, key: undefined };
}

/** Appends, and fails the test unless it was stored. */
export async function store(backplane: Backplane, batch: Batch): Promise<readonly Cursor[]> {
  const outcome = await backplane.append(batch);
  expect(outcome).toMatchObject({ kind: "stored" });
  return cursorsOf(outcome);
}

export async function follow(backplane: Backplane): Promise<LogRecorder> {
  const reader = new LogRecorder();
  await backplane.follow(reader);
  return reader;
}

function cursorsOf(outcome: AppendOutcome): readonly Cursor[] {
  return outcome.kind === "stored" ? outcome.cursors : [];
}

export function expectDense(cursors: readonly Cursor[]): void {
  const first = cursors[0]?.position ?? 0;
  expect(cursors.map(({ position }) => position)).toEqual(cursors.map((_, index) => first + index));
  expect(new Set(cursors.map(({ epoch }) => epoch)).size).toBeLessThanOrEqual(1);
}
