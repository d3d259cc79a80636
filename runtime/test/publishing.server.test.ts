/** What a publisher is told, by a real server. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { RunningRuntime, send, type Ask } from "./running-runtime.ts";
import type { RuntimeConfigInput } from "#runtime/config.ts";

let runtime: RunningRuntime;
afterEach(() => runtime.stop());

const NDJSON = { "content-type": "application/x-ndjson" };
const LIMITS = { maxEventBytes: 1_000, maxBatchBytes: 2_000, maxBatchEvents: 3 };

async function start(config: RuntimeConfigInput = {}): Promise<void> {
  runtime = await RunningRuntime.start({ limits: LIMITS, ...config });
}

describe("200", () => {
  test("answers the id of the event", async () => {
    await start();
    const { status, text, headers } = await runtime.publish("x");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json");
    expect(JSON.parse(text)).toEqual({ id: expect.stringMatching(/^[a-z0-9]+\.1$/) });
  });

  test("answers the ids of a batch, whose events arrive in order and in their topics", async () => {
    await start();
    const [one, two] = [await runtime.stream("?topic=one"), await runtime.stream("?topic=two")];
    const body = '{"data":"1"}\n{"data":"2","topic":"two","event":"e"}\n{"data":"3"}\n';
    const { text } = await runtime.send({ method: "POST", path: "/submit?topic=one", headers: NDJSON, body });
    const { ids } = JSON.parse(text) as { ids: string[] };
    expect((await one.events(2)).map(({ data, lastEventId }) => [data, lastEventId])).toEqual([
      ["1", ids[0]],
      ["3", ids[2]],
    ]);
    expect(await two.events(1)).toEqual([{ type: "e", data: "2", lastEventId: ids[1] }]);
  });

  test("a retry with the same key is not a second event", async () => {
    await start();
    const client = await runtime.stream();
    const ask = { method: "POST", path: "/submit", headers: { "idempotency-key": "k1" }, body: "once" };
    const answers = [await runtime.send(ask), await runtime.send(ask), await runtime.send(ask)];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    await runtime.publish("after");
    expect((await client.events(2)).map(({ data }) => data)).toEqual(["once", "after"]);
    expect(await runtime.metric('sse_publish_duration_seconds_count{outcome="repeated"}')).toBe(2);
  });

  test.each(["", "x".repeat(1_000)])("data of %# is taken", async (data) => {
    await start();
    const client = await runtime.stream();
    expect(await runtime.publish(data)).toMatchObject({ status: 200 });
    expect((await client.events(1))[0]?.data).toBe(data);
  });
});

describe("4xx", () => {
  test.each<[string, Ask, number, string]>([
    ["no topic", { path: "/submit?topic=" }, 400, "invalid_topic"],
    ["a type that would inject", { path: "/submit?event=a%0Adata:b" }, 400, "invalid_event_type"],
    ["a reserved type", { path: "/submit?event=gap" }, 400, "invalid_event_type"],
    ["not UTF-8", { body: Buffer.from([0xff]) }, 400, "invalid_utf8"],
    ["a bad key", { headers: { "idempotency-key": "a b" } }, 400, "invalid_idempotency_key"],
    ["a wrong line", { headers: NDJSON, body: '{"data":"1"}\n{"data":2}' }, 400, "invalid_data"],
    ["an empty batch", { headers: NDJSON, body: "\n" }, 400, "empty_batch"],
    ["too many events", { headers: NDJSON, body: '{"data":""}\n'.repeat(4) }, 413, "too_many_events"],
    [
      "too large an event",
      { headers: NDJSON, body: JSON.stringify({ data: "x".repeat(1_001) }) },
      413,
      "event_too_large",
    ],
    ["too large a batch", { headers: NDJSON, body: "x".repeat(2_001) }, 413, "body_too_large"],
    ["too large a body", { body: "x".repeat(1_001) }, 413, "body_too_large"],
    ["a huge body", { body: "x".repeat(5_000_000) }, 413, "body_too_large"],
    [
      "a huge body of unknown length",
      { headers: { "transfer-encoding": "chunked" }, body: "x".repeat(5_000_000) },
      413,
      "body_too_large",
    ],
    [
      "a form",
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "a=b" },
      415,
      "unsupported_content_type",
    ],
    [
      "another charset",
      { headers: { "content-type": "text/plain; charset=latin1" } },
      415,
      "unsupported_charset",
    ],
    ["a compressed body", { headers: { "content-encoding": "gzip" } }, 415, "unsupported_encoding"],
    ["GET", { method: "GET" }, 405, "method_not_allowed"],
    ["an unknown path", { path: "/submit/" }, 404, "not_found"],
  ])("%s", async (_name, ask, status, code) => {
    await start();
    const answer = await runtime.send({ method: "POST", path: "/submit", ...ask });
    expect(answer).toMatchObject({ status, headers: { "content-type": "application/json" } });
    const { error } = JSON.parse(answer.text);
    expect(error).toMatchObject({ code, message: expect.any(String) });
    expect(error).toHaveProperty("field");
    expect(await runtime.metric("sse_events_in_total")).toBe(0);
  });

  test("a wrong line is named and nothing of its batch is stored", async () => {
    await start();
    const body = '{"data":"1"}\n{"data":"2","topic":""}\n';
    const { text } = await runtime.send({ method: "POST", path: "/submit", headers: NDJSON, body });
    expect(JSON.parse(text).error).toMatchObject({ line: 2, field: "topic" });
    expect(await runtime.metric("sse_events_in_total")).toBe(0);
  });

  test("405 says what is allowed", async () => {
    await start();
    expect(await runtime.send({ method: "DELETE", path: "/submit" })).toMatchObject({
      headers: { allow: "POST, OPTIONS" },
    });
  });
});

describe("access by token", () => {
  test("is closed without one, and open with one", async () => {
    const tokenDirectory = await mkdtemp(join(tmpdir(), "tokens-"));
    await writeFile(join(tokenDirectory, "token"), "secret\n");
    await start({ access: { publish: { mode: "Token", tokenDirectory } } });
    const post = (headers: Record<string, string>) =>
      runtime.send({ method: "POST", path: "/submit", headers, body: "x" });
    const [without, wrong, right] = [
      await post({}),
      await post({ authorization: "Bearer wrong" }),
      await post({ authorization: "Bearer secret" }),
    ];
    expect(without).toMatchObject({ status: 401, headers: { "www-authenticate": 'Bearer realm="publish"' } });
    expect(JSON.parse(without.text).error).toMatchObject({ code: "token_missing", field: "authorization" });
    expect(wrong).toMatchObject({ status: 401 });
    expect(JSON.parse(wrong.text).error).toMatchObject({ code: "token_invalid" });
    expect(right).toMatchObject({ status: 200 });
    expect((await (await runtime.stream()).opening()).response.statusCode).toBe(200);
    await rm(tokenDirectory, { recursive: true });
  });
});

describe("the management port", () => {
  test("tells health, readiness and counts", async () => {
    await start();
    await runtime.stream("?topic=secret-topic");
    await runtime.publish("x", "?topic=secret-topic");
    const ask = (path: string, method = "GET") => send(runtime.management, { path, method });
    expect(await ask("/healthz")).toMatchObject({ status: 200 });
    expect(await ask("/readyz")).toMatchObject({ status: 200 });
    expect(await ask("/readyz", "HEAD")).toMatchObject({ status: 200, text: "" });
    expect(await ask("/stats", "POST")).toMatchObject({ status: 405 });
    expect(JSON.parse((await ask("/stats")).text)).toMatchObject({
      pod: "pod-1",
      connections: 1,
      topics: 1,
      history: { events: 1 },
      backplane: { state: "up", durability: "process" },
    });
    const metrics = await ask("/metrics");
    expect(metrics.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.text).toContain("sse_subscribers 1\n");
    expect(metrics.text).not.toContain("secret-topic");
  });

  test("is not reachable through the public one", async () => {
    await start();
    for (const path of ["/healthz", "/readyz", "/stats", "/metrics"]) {
      expect(await runtime.send({ path })).toMatchObject({ status: 404 });
    }
  });
});

describe("the page", () => {
  test("is served with a strict policy", async () => {
    const directory = await mkdtemp(join(tmpdir(), "page-"));
    await writeFile(join(directory, "index.html"), "<!doctype html>");
    await writeFile(join(directory, "page.js"), "export {};");
    await writeFile(join(directory, "tsconfig.json"), "{}");
    runtime = await RunningRuntime.start({}, new URL(`file://${directory}/`));
    const index = await runtime.send({ path: "/" });
    expect(index).toMatchObject({ status: 200, text: "<!doctype html>" });
    expect(index.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(await runtime.send({ path: "/page.js" })).toMatchObject({
      status: 200,
      headers: { "content-type": "text/javascript; charset=utf-8" },
    });
    expect(await runtime.send({ path: "/tsconfig.json" })).toMatchObject({ status: 404 });
    const again = { "if-none-match": index.headers.etag };
    expect(await runtime.send({ path: "/", headers: again })).toMatchObject({ status: 304, text: "" });
    await rm(directory, { recursive: true });
  });

  test.each([[{}], [{ page: "Disabled" as const }]])(
    "with %j and no index.html there is none",
    async (config) => {
      await start(config);
      expect(await runtime.send({ path: "/" })).toMatchObject({ status: 404 });
    },
  );
});
