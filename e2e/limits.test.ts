/** Bounds of a service, as clients and a browser meet them through nginx. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { openWorld, type World } from "./world.ts";

const NAME = "bounded";
/** Larger than what nginx would let through by itself. */
const MAX_BATCH_BYTES = 3_145_728;
const LIMITS = {
  maxConnections: 1,
  maxEventBytes: 1_000,
  maxBatchBytes: MAX_BATCH_BYTES,
  maxBatchEvents: 9_999,
};

let world: World;
let browser: Browser;

beforeAll(async () => {
  world = await openWorld();
  await world.applyService(NAME, {
    access: { publish: "Anyone" },
    limits: LIMITS,
    stream: { retryMilliseconds: 500 },
    drain: { timeoutSeconds: 1 },
  });
  browser = await launchChromium({ extraHosts: world.cluster.nodes.map(({ address }) => address) });
  await world.waitUntilReady(NAME);
});

afterAll(async () => {
  await browser?.close();
  await world?.cluster.kubectl("delete", "sse", NAME, "--ignore-not-found");
});

/** A batch of so many bytes. */
function batchOf(bytes: number): string {
  const line = `${JSON.stringify({ data: "x".repeat(900) })}\n`;
  return line.repeat(Math.floor(bytes / line.length)).padEnd(bytes, "\n");
}

test("nginx lets through what the runtime takes, and the runtime says what is too large", async () => {
  const client = await world.client(NAME);
  const submit = async (type: string, body: string) => {
    const answer = await client.request("POST", "/submit", { "content-type": type }, body);
    return [answer.status, JSON.parse(answer.body).error?.code];
  };
  expect(await submit("application/x-ndjson", batchOf(MAX_BATCH_BYTES))).toEqual([200, undefined]);
  expect(await submit("application/x-ndjson", batchOf(MAX_BATCH_BYTES + 1))).toEqual([413, "body_too_large"]);
  expect(await submit("text/plain", "x".repeat(1_000))).toEqual([200, undefined]);
  expect(await submit("text/plain", "x".repeat(1_001))).toEqual([413, "body_too_large"]);
  await client.close();
});

test("a stream too many is no error: a browser comes back by itself until there is room", async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const url = await world.read(`sse/${NAME}`, "{.status.url}");
  const openTab = async (): Promise<Page> => {
    const tab = await context.newPage();
    await tab.goto(url);
    return tab;
  };
  const first = await openTab();
  await first.locator("#state", { hasText: "Open" }).waitFor();
  const second = await openTab();
  await second.locator("#state-detail", { hasText: "attempt 3" }).waitFor();
  expect(await second.locator("#closed").isVisible()).toBe(false);
  await first.close();
  await second.locator("#state", { hasText: "Open" }).waitFor();
});
