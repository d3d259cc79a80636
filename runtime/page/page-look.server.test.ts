/** How the client page looks and is operated: schemes, a phone, keyboard, screen readers, less motion. */
import axe from "axe-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { BrowserContextOptions, Page } from "playwright-core";
import {
  eventRows,
  jobs,
  keepScreenshot,
  openPageBrowser,
  openTab,
  publishAll,
  submitJob,
  untilState,
  type PageBrowser,
} from "#runtime/test/page-browser.ts";
import { startRuntimeProcess, type RuntimeProcess } from "#runtime/test/runtime-process.ts";

let browser: PageBrowser;
let runtime: RuntimeProcess;

beforeAll(async () => {
  [browser, runtime] = await Promise.all([openPageBrowser(), startRuntimeProcess("demo-7d9c4b6f8-x2kvq")]);
});

afterEach(() => browser.closeContexts());

afterAll(async () => {
  await Promise.all([browser.close(), runtime.dispose()]);
});

const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ["desktop-light", { colorScheme: "light" }],
  ["desktop-dark", { colorScheme: "dark" }],
  ["phone-light", { colorScheme: "light", viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }],
  ["phone-dark", { colorScheme: "dark", viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }],
];

/** A tab in the middle of its work: jobs of two tabs, a failed one, messages of all shapes. */
async function openBusyTab(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.openContext(options);
  const [tab, other] = [await openTab(context, runtime.url), await openTab(context, runtime.url)];
  await submitJob(other);
  await publishAll(runtime.url, [
    JSON.stringify({ sensor: "roof", celsius: 21.5 }),
    JSON.stringify({ sensor: "cellar", celsius: 12.25 }),
    `several lines:\n  the second\n  the third`,
    `one-word-of-a-thousand-letters:${"x".repeat(1000)}`,
    "Grüße, 你好, שלום",
  ]);
  // A tab behind another one gets few frames: clicks, which wait for two, take seconds.
  await tab.bringToFront();
  await submitJob(tab);
  await jobs(tab, "Process 1 Completed").nth(1).waitFor();
  const topic = tab.locator("#job-form").getByLabel("Topic");
  await topic.fill("x".repeat(201));
  await submitJob(tab);
  await jobs(tab, "Process 2 Not submitted").waitFor();
  await topic.fill("default");
  await submitJob(tab);
  await jobs(tab, "Process 3 Completed").waitFor();
  await eventRows(tab, "Grüße").waitFor();
  return tab;
}

async function openAllBoxes(tab: Page): Promise<void> {
  const closed = tab.locator("details:not([open]) > summary");
  while ((await closed.count()) > 0) await closed.first().click();
}

async function accessibilityProblems(tab: Page): Promise<readonly string[]> {
  await tab.evaluate(axe.source);
  return await tab.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join("\\n"))))`,
  );
}

describe.each(LOOKS)("%s", (name, options) => {
  test("is accessible, and nothing sticks out at the side", async () => {
    const tab = await openBusyTab(options);
    await keepScreenshot(tab, name, name.startsWith("phone"));
    await openAllBoxes(tab);
    expect(await accessibilityProblems(tab)).toEqual([]);
    const [content, screen] = await tab.evaluate<number[]>(
      `[document.documentElement.scrollWidth, innerWidth]`,
    );
    expect(content).toBe(screen);
    const cut = `[...document.querySelectorAll("#events .data, #jobs span")].filter((text) => text.scrollWidth > text.clientWidth && text.clientWidth > 0).length`;
    expect(await tab.evaluate(cut)).toBe(0);
  });
});

test("everything can be done from the keyboard, and the focus is seen", async () => {
  const tab = await openTab(await browser.openContext(), runtime.url);
  await tab.keyboard.press("Tab");
  expect(await focused(tab)).toMatchObject({ text: "Skip to the jobs", outline: "solid", onScreen: true });
  await tab.keyboard.press("Enter");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Tab");
  expect(await focused(tab)).toMatchObject({ text: "Submit a New Job", outline: "solid", onScreen: true });
  await tab.keyboard.press("Enter");
  await jobs(tab, "Process 1 Completed").waitFor();
});

async function focused(tab: Page): Promise<unknown> {
  return await tab.evaluate(`(() => {
    const element = document.activeElement;
    const { top, bottom } = element.getBoundingClientRect();
    const outline = getComputedStyle(element).outlineStyle;
    return { text: element.textContent, outline, onScreen: top >= 0 && bottom <= innerHeight };
  })()`);
}

test("the state is told in words and shape, not by colour alone", async () => {
  const tab = await openTab(await browser.openContext(), runtime.url);
  const open = await stateShape(tab);
  await tab.route("**/status?*", (route) => route.fulfill({ status: 204 }));
  await openAllBoxes(tab);
  await tab.getByRole("button", { name: "Subscribe", exact: true }).click();
  await untilState(tab, "Closed for good");
  await tab.getByText("It answered 204: there is nothing more to come.").waitFor();
  expect(await stateShape(tab)).not.toBe(open);
  expect(await tab.title()).toMatch(/^Closed for good/);
});

async function stateShape(tab: Page): Promise<string> {
  return await tab.evaluate<string>(`(() => {
    const { borderRadius, borderStyle } = getComputedStyle(document.querySelector(".shape"));
    return [borderRadius, borderStyle].join(" ");
  })()`);
}

test.each([
  ["reduce", 0],
  ["no-preference", 2],
] as const)(
  "with prefers-reduced-motion: %s the page animates %i times for a job that goes out and comes back",
  async (reducedMotion, times) => {
    const tab = await (await browser.openContext({ reducedMotion })).newPage();
    await tab.addInitScript(`
    globalThis.animations = 0;
    Element.prototype.getAnimations = () => [];
    Element.prototype.animate = () => (globalThis.animations += 1);
  `);
    await tab.goto(runtime.url);
    await untilState(tab, "Open");
    await submitJob(tab);
    await jobs(tab, "Process 1 Completed").waitFor();
    expect(await tab.evaluate("animations")).toBe(times);
  },
);
