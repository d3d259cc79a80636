/** Several pods on one Redis are one stream: the same events, ids and order on each; and when Redis is gone. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RuntimeConfigInput } from "#runtime/config.ts";
import { PATIENTLY } from "./event-stream-reader.ts";
import { APPEND_ONLY, RedisServer } from "./redis-server.ts";
import { RunningRuntime, send, type Answer } from "./running-runtime.ts";

type Mode = "Streams" | "PubSub";

let server: RedisServer;
let pods: RunningRuntime[];

async function startPod(mode: Mode): Promise<RunningRuntime> {
  const config: RuntimeConfigInput = {
    backplane: { type: "Redis", mode, url: server.url },
    stream: { heartbeatSeconds: 1 },
  };
  const pod = await RunningRuntime.start(config);
  pods.push(pod);
  return pod;
}

function publish(pod: RunningRuntime, body: string, key: string): Promise<Answer> {
  return pod.send({ method: "POST", path: "/submit", body, headers: { "idempotency-key": key } });
}

async function untilStored(pod: RunningRuntime, body: string): Promise<string> {
  await expect.poll(async () => (await publish(pod, body, body)).status, PATIENTLY).toBe(200);
  return JSON.parse((await publish(pod, body, body)).text).id;
}

beforeEach(async () => {
  pods = [];
  server = await RedisServer.start("valkey-8", APPEND_ONLY);
});
afterEach(async () => {
  await Promise.all(pods.map((pod) => pod.stop()));
  await server.dispose();
});

describe.each<Mode>(["Streams", "PubSub"])("%s", (mode) => {
  test("what is published through any pod reaches the streams of all, in one order with one id", async () => {
    const [a, b] = [await startPod(mode), await startPod(mode)];
    const streams = [await a.stream(), await b.stream()];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? a : b).publish(`${index}`)),
    );
    const [first, second] = await Promise.all(streams.map((stream) => stream.events(20)));
    expect(second).toEqual(first);
    expect(new Set(first?.map(({ lastEventId }) => lastEventId)).size).toBe(20);
  });

  test("a stream resumes on another pod, from where it was", async () => {
    const [a, b] = [await startPod(mode), await startPod(mode)];
    const [first] = await (await pingedStream(a)).events(1);
    await untilStored(a, "2");
    const resumed = await b.stream("", { "last-event-id": first?.lastEventId });
    expect((await resumed.events(1)).map(({ type, data }) => [type, data])).toEqual([["message", "2"]]);
  });

  test("a key that several pods get at once is one event with one id", async () => {
    const [a, b] = [await startPod(mode), await startPod(mode)];
    const stream = await b.stream();
    const answers = await Promise.all([a, b, a, b].map((pod) => publish(pod, "once", "key")));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await untilStored(b, "after");
    expect((await stream.events(2)).map(({ data }) => data)).toEqual(["once", "after"]);
  });

  test("while Redis is down: streams stay, publishing is 503, readiness does not flap; then it goes on", async () => {
    const [a, b] = [await startPod(mode), await startPod(mode)];
    const streams = [await a.stream(), await b.stream()];
    await untilStored(a, "before");
    await Promise.all(streams.map((stream) => stream.events(1)));
    await server.kill();
    await expect.poll(async () => (await a.stats()).backplane.state, PATIENTLY).toBe("down");
    const answer = await a.publish("lost");
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "backplane_refused" } });
    expect(await send(a.management, { path: "/readyz" })).toMatchObject({ status: 200 });
    const heard = streams.map((stream) => stream.parser.blocks.length);
    await expect
      .poll(
        () => streams.every((stream, index) => stream.parser.blocks.length > (heard[index] ?? 0)),
        PATIENTLY,
      )
      .toBe(true);
    await server.start();
    for (const pod of [a, b])
      await expect.poll(async () => (await pod.stats()).backplane.state, PATIENTLY).toBe("up");
    await untilStored(b, "after");
    for (const stream of streams) {
      expect((await stream.events(2)).map(({ data }) => data)).toEqual(["before", "after"]);
      expect(stream.hasEnded).toBe(false);
    }
  });

  test("when its data is gone every open stream is told", async () => {
    const a = await startPod(mode);
    const stream = await a.stream();
    await untilStored(a, "before");
    await stream.events(1);
    await server.command("FLUSHALL");
    await untilStored(a, "after");
    const events = await stream.events(3);
    expect(events.map(({ type }) => type)).toEqual(["message", "gap", "message"]);
    expect(JSON.parse(events[1]?.data ?? "")).toMatchObject({
      reason: "epoch",
      requested: events[0]?.lastEventId,
    });
    expect(events[2]?.data).toBe("after");
  });
});

test("Streams: a pod that starts later knows what was before it", async () => {
  const a = await startPod("Streams");
  const id = await untilStored(a, "1");
  await untilStored(a, "2");
  const late = await startPod("Streams");
  const resumed = await late.stream("", { "last-event-id": id });
  expect((await resumed.events(1)).map(({ data }) => data)).toEqual(["2"]);
});

test("PubSub: a pod that starts later does not, and says so", async () => {
  const a = await startPod("PubSub");
  const id = await untilStored(a, "1");
  await untilStored(a, "2");
  const late = await startPod("PubSub");
  const [gap] = await (await late.stream("", { "last-event-id": id })).events(1);
  expect(gap?.type).toBe("gap");
  expect(JSON.parse(gap?.data ?? "")).toMatchObject({ reason: "trimmed", requested: id });
});

/** With its first event read. */
async function pingedStream(pod: RunningRuntime) {
  const stream = await pod.stream();
  await untilStored(pod, "1");
  return stream;
}
