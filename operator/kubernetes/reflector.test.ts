import { describe, expect, test } from "vitest";
import {
  added,
  bookmark,
  deleted,
  endOfInitial,
  modified,
  type Rig,
  startRig,
  status,
  synced,
} from "./reflector-rig.ts";
import type { BodyWriter } from "./scripted-transport.ts";

describe("first sync", () => {
  test("streams what exists, tells it at once at the end mark, then each change on the same stream", async () => {
    const rig = startRig({ namespace: "default", labelSelector: "a=b", fieldSelector: "c=d" });
    const exchange = await rig.transport.next();
    expect(exchange.request.path).toMatch(/^\/api\/v1\/namespaces\/default\/configmaps\?/);
    expect(exchange.query).toEqual({
      watch: "1",
      allowWatchBookmarks: "true",
      sendInitialEvents: "true",
      resourceVersionMatch: "NotOlderThan",
      timeoutSeconds: "450",
      labelSelector: "a=b",
      fieldSelector: "c=d",
    });
    const stream = exchange.open();
    stream.send(added("one", "3"), added("two", "5"));
    expect(rig.watch.health().synced).toBe(false);
    stream.send(endOfInitial("7"), modified("one", "8"), deleted("two", "9"));
    expect(await rig.heard()).toBe("replaced one@3 two@5");
    expect(await rig.heard()).toBe("changed one@8");
    expect(await rig.heard()).toBe("deleted two@9");
    expect(rig.watch.health()).toMatchObject({ synced: true, relists: 0, interruptions: 0 });
  });

  test("what changes or goes before the end mark is told as it is at the mark", async () => {
    const rig = startRig();
    const stream = (await rig.transport.next()).open();
    stream.send(
      added("one", "3"),
      added("two", "4"),
      modified("one", "5"),
      deleted("two", "6"),
      endOfInitial("6"),
    );
    expect(await rig.heard()).toBe("replaced one@5");
  });

  test.each([
    [
      "refuses to stream it",
      async (rig: Rig) => {
        (await rig.transport.next()).answer(422, status(422, "Invalid", "sendInitialEvents is forbidden"));
        await rig.interruption();
      },
    ],
    [
      "never marks its end",
      async (rig: Rig) => {
        const exchange = await rig.transport.next();
        exchange.open().send(added("one", "3"));
        const untilInterrupted = () => {
          rig.clock.advance(30_000);
          return rig.watch.health().interruptions;
        };
        await expect.poll(untilInterrupted).toBe(1);
        await rig.interruption();
      },
    ],
  ])("falls back to list and watch, for good, when the server %s", async (_, refuse) => {
    const rig = startRig();
    await refuse(rig);
    const first = await rig.transport.next();
    expect(first.query).toEqual({ limit: "500" });
    first.answer(200, {
      metadata: { resourceVersion: "20", continue: "more" },
      items: [{ metadata: { name: "one", resourceVersion: "3" } }],
    });
    const second = await rig.transport.next();
    expect(second.query).toEqual({ limit: "500", continue: "more" });
    second.answer(200, {
      metadata: { resourceVersion: "20" },
      items: [{ metadata: { name: "two", resourceVersion: "4" } }],
    });
    expect(await rig.heard()).toBe("replaced one@3 two@4");
    const watch = await rig.transport.next();
    expect(watch.query).toMatchObject({ watch: "1", resourceVersion: "20", allowWatchBookmarks: "true" });
    watch.open().send({ type: "ERROR", object: status(410, "Expired") });
    await rig.interruption();
    expect((await rig.transport.next()).query).toEqual({ limit: "500" });
  });

  test("a list whose moment is gone between two pages is asked for at once", async () => {
    const rig = startRig();
    (await rig.transport.next()).answer(422, status(422, "Invalid"));
    await rig.interruption();
    const item = { metadata: { name: "one", resourceVersion: "3" } };
    const page = { metadata: { resourceVersion: "20", continue: "more" }, items: [item] };
    (await rig.transport.next()).answer(200, page);
    (await rig.transport.next()).answer(410, status(410, "Expired"));
    const whole = await rig.transport.next();
    expect(whole.query).toEqual({});
    whole.answer(200, { metadata: { resourceVersion: "30" }, items: [item] });
    expect(await rig.heard()).toBe("replaced one@3");
    expect(rig.watch.health().interruptions).toBe(1);
  });

  test("metadata only asks for no more than that, and gives objects their own kind", async () => {
    const rig = startRig({ kind: "Secret", metadataOnly: true });
    const exchange = await rig.transport.next();
    expect(exchange.request.headers?.["accept"]).toContain("as=PartialObjectMetadata;");
    const partial = {
      kind: "PartialObjectMetadata",
      apiVersion: "meta.k8s.io/v1",
      metadata: { name: "s", resourceVersion: "1" },
    };
    exchange.open().send({ type: "ADDED", object: partial }, endOfInitial("2"));
    expect(await rig.heard()).toBe("replaced s@1");
  });
});

describe("going on", () => {
  test("a stream that ends is opened again where it ended, bookmarks included, and nothing is told", async () => {
    const rig = startRig();
    const stream = await synced(rig, added("one", "3"));
    stream.send(bookmark("15"));
    rig.clock.advance(300_000);
    stream.end();
    const again = await rig.transport.next();
    expect(again.query).toMatchObject({ resourceVersion: "15", timeoutSeconds: "450" });
    expect(again.query).not.toHaveProperty("sendInitialEvents");
    expect(rig.watch.health()).toMatchObject({ interruptions: 0, relists: 0 });
  });

  test("a stream that breaks is opened again after a growing, random delay, until it works", async () => {
    const rig = startRig();
    (await synced(rig)).fail(new Error("socket hang up"));
    const delays = [await rig.interruption()];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      (await rig.transport.next()).fail(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
      delays.push(await rig.interruption());
    }
    expect(delays.map(({ delayMs }) => delayMs)).toEqual([
      375, 750, 1500, 3000, 6000, 11_250, 11_250, 11_250,
    ]);
    const stream = (await rig.transport.next()).open();
    stream.send(modified("one", "11"));
    expect(await rig.heard()).toBe("changed one@11");
    stream.fail(new Error("again"));
    expect((await rig.interruption()).delayMs).toBe(375);
    expect((await rig.transport.next()).query).toMatchObject({ resourceVersion: "11" });
  });

  test("a stream that ends at once, again and again, is no hot loop", async () => {
    const rig = startRig();
    (await synced(rig)).end();
    for (const delayMs of [375, 750, 1500]) {
      expect(await rig.interruption()).toMatchObject({ delayMs, error: { kind: "Unavailable" } });
      (await rig.transport.next()).open().end();
    }
  });

  test.each([429, 503])("%d waits as long as the server asks", async (code) => {
    const rig = startRig();
    (await rig.transport.next()).answer(code, status(code, "x"), { "retry-after": "7" });
    expect((await rig.interruption()).delayMs).toBe(7000);
    expect(await rig.transport.next()).toBeDefined();
  });

  test("lines cut anywhere, also within a character, arrive whole", async () => {
    const rig = startRig();
    const stream = await synced(rig);
    const bytes = new TextEncoder().encode(`${JSON.stringify(modified("gr\u00fc\u00df-\u{1F600}", "12"))}\n`);
    for (const byte of bytes) stream.sendBytes(Uint8Array.of(byte));
    expect(await rig.heard()).toBe("changed gr\u00fc\u00df-\u{1F600}@12");
  });

  test("a last line without its end is not taken for an event", async () => {
    const rig = startRig();
    const stream = await synced(rig);
    rig.clock.advance(300_000);
    stream.sendBytes(new TextEncoder().encode('{"type":"MODIFIED","object":{"meta'));
    stream.end();
    expect((await rig.transport.next()).query).toMatchObject({ resourceVersion: "10" });
    expect(rig.watch.health().interruptions).toBe(0);
  });
});

describe("lost history", () => {
  test.each([
    ["as an event", (stream: BodyWriter) => stream.send({ type: "ERROR", object: status(410, "Expired") })],
    [
      "as an answer",
      (stream: BodyWriter, rig: Rig) => {
        rig.clock.advance(300_000);
        stream.end();
        void rig.transport.next().then((exchange) => exchange.answer(410, status(410, "Gone")));
      },
    ],
  ])("410 %s: everything is told again", async (_, expire) => {
    const rig = startRig();
    expire(await synced(rig, added("one", "3"), added("two", "4")), rig);
    expect((await rig.interruption()).error.kind).toBe("Expired");
    const again = await rig.transport.next();
    expect(again.query).toMatchObject({ sendInitialEvents: "true" });
    again.open().send(added("two", "4"), endOfInitial("30"));
    expect(await rig.heard()).toBe("replaced two@4");
    expect(rig.watch.health()).toMatchObject({ relists: 1, interruptions: 1 });
  });

  test.each([
    [500, "Internal"],
    [504, "Timeout"],
  ])("a position that is answered %d twice is dropped", async (code, kind) => {
    const rig = startRig();
    (await synced(rig)).fail(new Error("reset"));
    await rig.interruption();
    (await rig.transport.next()).answer(code, status(code, "x"));
    expect((await rig.interruption()).error.kind).toBe(kind);
    expect((await rig.transport.next()).query).toHaveProperty("sendInitialEvents");
  });

  test("a position that is answered 500 once is kept", async () => {
    const rig = startRig();
    const stream = await synced(rig);
    rig.clock.advance(300_000);
    stream.end();
    (await rig.transport.next()).answer(500, status(500, "x"));
    await rig.interruption();
    expect((await rig.transport.next()).query).toMatchObject({ resourceVersion: "10" });
  });

  test("a sink that throws is told everything again, on a new stream", async () => {
    const failing = new Set(["replaced", "changed"]);
    const rig = startRig({}, (told) => {
      if (failing.delete(told)) throw new Error(told);
    });
    const first = (await rig.transport.next()).open();
    first.send(added("one", "3"), endOfInitial("10"));
    expect((await rig.interruption()).error.cause).toEqual(new Error("replaced"));
    await first.released;
    const second = await synced(rig);
    second.send(modified("one", "11"));
    expect((await rig.interruption()).error.cause).toEqual(new Error("changed"));
    await second.released;
    (await rig.transport.next()).open().send(added("one", "11"), endOfInitial("12"), modified("one", "13"));
    expect(await rig.heard()).toBe("replaced one@11");
    expect(await rig.heard()).toBe("changed one@13");
  });
});

describe("stop", () => {
  test("lets go of the stream and tells nothing more", async () => {
    const rig = startRig();
    const stream = await synced(rig);
    stream.send(modified("one", "11"));
    rig.watch.stop();
    await stream.released;
    expect(rig.transport.waiting).toBe(0);
    expect(await rig.unheard()).toBe(0);
  });

  test("within the sink: what came in the same packet is not told any more", async () => {
    const rig = startRig({}, (told, watch) => {
      if (told === "changed") watch.stop();
    });
    const stream = await synced(rig);
    const lines = [modified("one", "11"), modified("one", "12")].map((line) => `${JSON.stringify(line)}\n`);
    stream.sendBytes(new TextEncoder().encode(lines.join("")));
    expect(await rig.heard()).toBe("changed one@11");
    await stream.released;
    expect(await rig.unheard()).toBe(0);
  });

  test("ends a pause", async () => {
    const rig = startRig();
    (await rig.transport.next()).fail(new Error("refused"));
    await expect.poll(() => rig.watch.health().interruptions).toBe(1);
    expect(rig.clock.pending).toBe(1);
    rig.watch.stop();
    expect(rig.clock.pending).toBe(0);
    expect(rig.transport.waiting).toBe(0);
  });
});

test("silence counts from the last word of the server", async () => {
  const rig = startRig();
  const stream = await synced(rig);
  rig.clock.advance(70_000);
  expect(rig.watch.health()).toMatchObject({ silentMs: 70_000, stuckMs: 70_000 });
  stream.send(bookmark("11"), modified("one", "12"));
  await rig.heard();
  expect(rig.watch.health()).toMatchObject({ silentMs: 0, stuckMs: 0 });
});

test("a pause before the next attempt is silence, but no hang", async () => {
  const rig = startRig();
  const stream = await synced(rig);
  rig.clock.advance(70_000);
  stream.send({
    type: "ERROR",
    object: { ...status(429, "TooManyRequests"), details: { retryAfterSeconds: 7 } },
  });
  await expect.poll(() => rig.watch.health().interruptions).toBe(1);
  rig.clock.advance(6_999);
  expect(rig.watch.health()).toMatchObject({ silentMs: 76_999, stuckMs: 0 });
  rig.clock.advance(60_000);
  expect(rig.watch.health().stuckMs).toBe(59_999);
});
