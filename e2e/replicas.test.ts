/** Several replicas are one stream: the same events in the same order everywhere, whatever happens to the pods. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { expectOneOrder, openOnEveryPod } from "./every-pod.ts";
import { type FaithfulClient, openFaithfulClient } from "./faithful-client.ts";
import { startPublisher } from "./publisher.ts";
import { openWorld, podsOf, type World } from "./world.ts";

const NAME = "shared";
const PODS = podsOf(NAME);
const CONNECTIONS = 10;
const STREAMS_PER_CONNECTION = 5;
const BROWSER_STREAMS = 20;
const EVENTS_PER_SECOND = 20;

let world: World;
let url: string;
let ca: string;
let browser: Browser;

beforeAll(async () => {
  world = await openWorld();
  await world.applyService(NAME, {
    replicas: 3,
    access: { publish: "Anyone" },
    drain: { timeoutSeconds: 5 },
    stream: { retryMilliseconds: 1_000 },
  });
  await world.waitUntilReady(NAME);
  url = await world.read(`sse/${NAME}`, "{.status.url}");
  ca = await world.authority(NAME);
  browser = await launchChromium({ extraHosts: world.cluster.nodes.map(({ address }) => address) });
});

afterAll(async () => {
  await browser?.close();
  await world?.cluster.kubectl("delete", "sse", NAME, "--ignore-not-found");
});

/** Streams in a real browser, each recording ids and gaps; `closed` counts those that ended for good. */
async function openBrowserStreams(count: number): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(`new Promise((resolve) => {
    let open = 0;
    window.streams = Array.from({ length: ${count} }, () => {
      const source = new EventSource("/status");
      const record = { ids: [], gaps: 0, source };
      source.addEventListener("open", () => ++open === ${count} && resolve());
      source.addEventListener("message", ({ lastEventId }) => record.ids.push(lastEventId));
      source.addEventListener("gap", () => record.gaps++);
      return record;
    });
  })`);
  return page;
}

interface BrowserRecord {
  readonly ids: string[];
  readonly gaps: number;
  readonly closed: boolean;
}

function readBrowserStreams(page: Page): Promise<BrowserRecord[]> {
  return page.evaluate(
    "window.streams.map(({ ids, gaps, source }) => ({ ids, gaps, closed: source.readyState === 2 }))",
  );
}

async function waitForReplicas(count: number): Promise<void> {
  await world.cluster.kubectl("rollout", "status", `deployment/${NAME}`, "--timeout=120s");
  await expect
    .poll(() => world.read(PODS, "{.items[*].metadata.name}"), { timeout: 120_000 })
    .toSatisfy((names: string) => names.split(" ").length === count);
}

const FAULTS: [string, () => Promise<void>][] = [
  [
    "a rollout",
    async () => {
      await world.cluster.kubectl("rollout", "restart", `deployment/${NAME}`);
      await waitForReplicas(3);
    },
  ],
  [
    "a scale to one replica and back",
    async () => {
      await world.cluster.kubectl("scale", `sse/${NAME}`, "--replicas=1");
      await expect
        .poll(() => world.read(PODS, "{.items[*].metadata.name}"), { timeout: 120_000 })
        .not.toContain(" ");
      await world.cluster.kubectl("scale", `sse/${NAME}`, "--replicas=3");
      await world.cluster.kubectl(
        "wait",
        `sse/${NAME}`,
        "--for=jsonpath={.status.readyReplicas}=3",
        "--timeout=120s",
      );
    },
  ],
  [
    "a pod deleted by hand",
    async () => {
      const [victim = ""] = (await world.read(PODS, "{.items[*].metadata.name}")).split(" ");
      await world.cluster.kubectl("delete", "pod", victim, "--wait=true", "--timeout=120s");
      await waitForReplicas(3);
    },
  ],
  [
    "a runtime killed with -9",
    async () => {
      await world.killContainer(PODS, "/app/runtime.mjs");
      await world.cluster.kubectl("wait", ...PODS.split(" "), "--for=condition=Ready", "--timeout=60s");
    },
  ],
  [
    "a backplane killed with -9",
    async () => {
      await world.killContainer("pods -l app.kubernetes.io/name=sseservice-backplane", "valkey-server");
      await world.waitUntilReady(NAME);
    },
  ],
];

describe("under 20 events a second, nothing is lost and nothing comes twice through", () => {
  test.each(FAULTS)("%s", { timeout: 300_000 }, async (name, strike) => {
    const clients: FaithfulClient[] = [];
    for (let count = 0; count < CONNECTIONS; count++) {
      clients.push(await openFaithfulClient(url, ca, STREAMS_PER_CONNECTION));
    }
    const page = await openBrowserStreams(BROWSER_STREAMS);
    const publisher = startPublisher(url, ca, EVENTS_PER_SECOND);
    onTestFinished(async () => {
      await publisher.stop();
      for (const client of clients) client.close();
      await page.context().close();
    });
    await expect.poll(() => publisher.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(20);

    await strike();

    const before = publisher.acknowledged.length;
    await expect.poll(() => publisher.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(before + 40);
    await publisher.stop();
    const { acknowledged } = publisher;
    const last = acknowledged.at(-1) ?? "";
    const streams = clients.flatMap((client) => client.streams);
    await expect.poll(() => streams.every(({ ids }) => ids.includes(last)), { timeout: 30_000 }).toBe(true);
    await expect
      .poll(async () => (await readBrowserStreams(page)).every(({ ids }) => ids.includes(last)), {
        timeout: 30_000,
      })
      .toBe(true);

    const inBrowser = await readBrowserStreams(page);
    for (const { ids } of [...streams, ...inBrowser]) expect(ids).toEqual(acknowledged);
    expect(streams.flatMap(({ gaps }) => gaps)).toEqual([]);
    expect(inBrowser.filter(({ gaps, closed }) => gaps > 0 || closed)).toEqual([]);
    const statuses = new Set(clients.flatMap((client) => [...client.statuses.keys()]));
    expect([...statuses]).toEqual([200]);
    report(name, clients, acknowledged.length);
  });
});

/** What a person wants to know of a run; not a promise, so nothing is asserted. */
function report(name: string, clients: readonly FaithfulClient[], events: number): void {
  const times = clients.flatMap((client) => client.timesAwayMs).sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  process.stdout.write(
    `  ${name}: ${events} events, ${times.length} reconnects, away ${at(0)} / ${at(0.5)} / ${at(1)} ms (least, median, most)\n`,
  );
}

test("every pod gives the same events in the same order", async () => {
  const everyPod = await openOnEveryPod(world, NAME);
  await expectOneOrder(everyPod, 60);
  await everyPod.close();
});
