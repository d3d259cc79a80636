/** The client page in a real Chromium, served by the real cluster over TLS and HTTP/2. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { shakeHands } from "./handshake.ts";
import { ARTIFACTS, openWorld, type World } from "./world.ts";

const NAME = "tabs";
const SPEC = {
  access: { publish: "Anyone" },
  drain: { timeoutSeconds: 2 },
  stream: { retryMilliseconds: 500 },
};

let world: World;
let url: string;
let hosts: string[];
const browsers: Browser[] = [];

beforeAll(async () => {
  world = await openWorld();
  await world.applyService(NAME, SPEC);
  await world.waitUntilReady(NAME);
  url = await world.read(`sse/${NAME}`, "{.status.url}");
  hosts = world.cluster.nodes.map(({ address }) => address);
  await mkdir(ARTIFACTS, { recursive: true });
});

afterEach(async () => {
  await Promise.all(browsers.splice(0).map((browser) => browser.close()));
});

afterAll(async () => {
  await world?.cluster.kubectl("delete", "sse", NAME, "--ignore-not-found");
});

async function openContext(options: { http2?: boolean } = {}): Promise<BrowserContext> {
  const browser = await launchChromium({ extraHosts: hosts, ...options });
  browsers.push(browser);
  return browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
}

async function openTab(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(url);
  return tab;
}

const isOpen = (tab: Page) => tab.locator("#state", { hasText: "Open" }).waitFor();

/** Publishes from outside the browser, so that what a tab shows can only have come over its stream. */
async function publish(data: string): Promise<void> {
  const client = await world.client(NAME);
  await client.publish(data);
  await client.close();
}

test("the page shows the fingerprint of the certificate that the browser has accepted", async () => {
  const tab = await openTab(await openContext());
  await isOpen(tab);
  const { fingerprint } = await shakeHands(url, await world.authority(NAME));
  expect(await tab.locator("#fingerprint").textContent()).toBe(fingerprint);
});

describe("HTTP/2", () => {
  test("ten tabs and an eleventh stream over one connection each event to all", async () => {
    const context = await openContext();
    const tabs: Page[] = [];
    for (let count = 0; count < 11; count++) tabs.push(await openTab(context));
    await Promise.all(tabs.map(isOpen));
    await publish("to all eleven");
    await Promise.all(tabs.map((tab) => tab.locator("#events", { hasText: "to all eleven" }).waitFor()));

    for (const tab of tabs) {
      const protocols = await tab.evaluate(
        "performance.getEntriesByType('navigation').map(({ nextHopProtocol }) => nextHopProtocol)",
      );
      expect(protocols).toEqual(["h2"]);
      expect(await tab.locator("#protocol").textContent()).toContain("h2");
    }
  });

  test("without it the seventh stream hangs, which is what this is for", async () => {
    const context = await openContext({ http2: false });
    const tabs: Page[] = [];
    for (let count = 0; count < 6; count++) tabs.push(await openTab(context));
    await Promise.all(tabs.map(isOpen));
    const seventh = await context.newPage();
    const arriving = seventh.goto(url);
    await expect(seventh.waitForURL(url, { timeout: 3_000 })).rejects.toThrow(/Timeout/);
    await tabs[0]?.close();
    await arriving;
  });
});

describe("the button", () => {
  test("shows a job under progress and completed, on every tab", async () => {
    const context = await openContext();
    const [first, second] = [await openTab(context), await openTab(context)];
    await Promise.all([isOpen(first), isOpen(second)]);
    const held = Promise.withResolvers<void>();
    const hold = async (route: Route) => {
      await held.promise;
      await route.continue();
    };
    await first.route("**/submit?*", hold, { times: 1 });
    await first.getByRole("button", { name: "Submit a New Job" }).click();
    await first.locator("#jobs", { hasText: "Process 1 Under progress" }).waitFor();
    held.resolve();
    await first.locator("#jobs", { hasText: "Process 1 Completed" }).waitFor();
    await second.locator("#jobs", { hasText: "Process 1 Completed" }).waitFor();
    for (let number = 2; number <= 4; number++) {
      await first.getByRole("button", { name: "Submit a New Job" }).click();
      await first.locator("#jobs", { hasText: `Process ${number} Completed` }).waitFor();
    }
    await first.bringToFront();
    await first.screenshot({ path: join(ARTIFACTS, "page-in-cluster.png") });
    expect(await first.locator("#pod").textContent()).toMatch(new RegExp(`^${NAME}-`));
  });
});

describe("a runtime that is killed", () => {
  test("costs no tab its stream: each comes back, and is told of the gap", async () => {
    const context = await openContext();
    const tabs = [await openTab(context), await openTab(context), await openTab(context)];
    await Promise.all(tabs.map(isOpen));
    await publish("before the kill");
    await Promise.all(tabs.map((tab) => tab.locator("#events", { hasText: "before the kill" }).waitFor()));

    await world.killContainer(`pods -l app.kubernetes.io/instance=${NAME}`, "/app/runtime.mjs");
    await Promise.all(tabs.map((tab) => tab.locator("#gaps", { hasText: "1" }).waitFor({ timeout: 60_000 })));
    await Promise.all(tabs.map(isOpen));
    await world.waitUntilReady(NAME);
    await publish("after the kill");
    for (const tab of tabs) {
      await tab.locator("#events", { hasText: "after the kill" }).waitFor();
      expect(await tab.locator("#closed").isVisible()).toBe(false);
    }
  });
});
