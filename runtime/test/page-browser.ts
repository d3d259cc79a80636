/** A Chromium whose tabs show the client page, and the words in which its tests speak of that page. */
import { mkdir, writeFile } from "node:fs/promises";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { launchChromium } from "#e2e/chromium.ts";

const ARTIFACTS = new URL("../../.artifacts/", import.meta.url);

/** A thing happens soon or not at all; on a machine at its limit a tab alone was seen to take ten seconds. */
const TIMEOUT_MS = 45_000;

export interface PageBrowser {
  /** A profile of its own: its tabs share connections and storage with each other, and with no other context. */
  openContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Ends a test: throws when a page complained meanwhile of a script error, a console error or a policy violation. */
  closeContexts(): Promise<void>;
  close(): Promise<void>;
}

export async function openPageBrowser(): Promise<PageBrowser> {
  const browser: Browser = await launchChromium();
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  return {
    openContext: async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      contexts.push(context);
      context.setDefaultTimeout(TIMEOUT_MS);
      await collectComplaints(context, complaints);
      return context;
    },
    closeContexts: async () => {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
      const found = complaints.splice(0);
      if (found.length > 0) throw new Error(`The page complained:\n${found.join("\n")}`);
    },
    close: () => browser.close(),
  };
}

async function collectComplaints(context: BrowserContext, complaints: string[]): Promise<void> {
  context.on("weberror", (failure) => complaints.push(failure.error().message));
  context.on("console", (message) => {
    // A refused or broken request, which some tests are about, is logged by the browser itself.
    if (message.type() !== "error" || message.text().startsWith("Failed to load resource")) return;
    complaints.push(message.text());
  });
  await context.exposeFunction("complain", (text: string) => complaints.push(text));
  await context.addInitScript(
    `addEventListener("securitypolicyviolation", (event) => complain(event.violatedDirective + " " + event.blockedURI))`,
  );
}

/** A tab whose stream is open. */
export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(url);
  await untilState(tab, "Open");
  return tab;
}

export async function untilState(tab: Page, words: string): Promise<void> {
  await tab.locator("#state").getByText(words, { exact: true }).waitFor();
}

export async function submitJob(tab: Page): Promise<void> {
  await tab.getByRole("button", { name: "Submit a New Job" }).click();
}

/** The rows of jobs that read exactly so. */
export function jobs(tab: Page, words: string): Locator {
  return tab.locator("#jobs > li").filter({ has: tab.getByText(words, { exact: true }) });
}

/** The rows of the list of events whose data has this text in it. */
export function eventRows(tab: Page, text: string): Locator {
  return tab.locator("#events > li").filter({ has: tab.locator(".data").getByText(text) });
}

/** Waits until the number under this name reads so. */
export async function untilNumber(tab: Page, name: string, value: string): Promise<void> {
  const tile = tab.locator(".numbers > div").filter({ has: tab.getByText(name, { exact: true }) });
  await tile.locator("dd").getByText(value, { exact: true }).waitFor();
}

/** Publishes these texts in order, as one batch. */
export async function publishAll(url: string, lines: readonly string[], query = ""): Promise<void> {
  const headers = { "Content-Type": "application/x-ndjson" };
  const body = lines.map((data) => JSON.stringify({ data })).join("\n");
  const answer = await fetch(`${url}submit?${query}`, { method: "POST", headers, body });
  if (!answer.ok)
    throw new Error(`Cannot publish ${lines.length} lines: ${answer.status} ${await answer.text()}`);
}

/** Leaves a picture in `.artifacts/`, for people. */
export async function keepScreenshot(tab: Page, name: string, fullPage = false): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  await writeFile(new URL(`page-${name}.png`, ARTIFACTS), await tab.screenshot({ fullPage }));
}
