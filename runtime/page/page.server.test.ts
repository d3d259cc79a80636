/** What the client page does, in a real Chromium, against a real runtime process. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import {
  eventRows,
  jobs,
  keepScreenshot,
  openPageBrowser,
  openTab,
  publishAll,
  submitJob,
  untilNumber,
  untilState,
  type PageBrowser,
} from "#runtime/test/page-browser.ts";
import { startRuntimeProcess, type RuntimeProcess } from "#runtime/test/runtime-process.ts";

const POD = "demo-7d9c4b6f8-x2kvq";
const STREAM = { retryMilliseconds: 200 };

let browser: PageBrowser;
let runtime: RuntimeProcess;

beforeAll(async () => {
  [browser, runtime] = await Promise.all([openPageBrowser(), startRuntimeProcess(POD, { stream: STREAM })]);
});

afterEach(() => browser.closeContexts());

afterAll(async () => {
  await Promise.all([browser.close(), runtime.dispose()]);
});

async function openOneTab(): Promise<Page> {
  return await openTab(await browser.openContext(), runtime.url);
}

/** The reader is far down the page and must not have to look for it. */
async function expectInSight(tab: Page, selector: string): Promise<void> {
  const box = await tab.locator(selector).boundingBox();
  expect(box?.y).toBeGreaterThanOrEqual(0);
  expect(box?.y).toBeLessThan(100);
}

describe("jobs", () => {
  test("a job is under progress until its event has come back", async () => {
    const tab = await openOneTab();
    const held = Promise.withResolvers<void>();
    await tab.route("**/submit?*", async (route) => {
      await held.promise;
      await route.continue();
    });
    await submitJob(tab);
    await jobs(tab, "Process 1 Under progress").waitFor();
    held.resolve();
    await jobs(tab, "Process 1 Completed").waitFor();
    await submitJob(tab);
    await jobs(tab, "Process 2 Completed").waitFor();
    expect(await tab.locator("#announcer").textContent()).toBe("Process 2 Completed");
    expect(await tab.locator("#jobs > li").count()).toBe(2);
  });

  test("every other tab shows it too, under the name of the tab it came from", async () => {
    const context = await browser.openContext();
    const [first, second] = [await openTab(context, runtime.url), await openTab(context, runtime.url)];
    await submitJob(first);
    const name = (await first.locator("#client").textContent()) ?? "";
    await jobs(second, "Process 1 Completed").getByText(name, { exact: true }).waitFor();
    await submitJob(second);
    await jobs(second, "Process 1 Completed").getByText("this tab").waitFor();
    expect(await jobs(second, "Process 1 Completed").count()).toBe(2);
    await jobs(first, "Process 1 Completed").nth(1).waitFor();
  });

  test("for a topic that the tab does not hold, it offers to; the stream goes on from where the tab was", async () => {
    const tab = await openOneTab();
    await tab.locator("#job-form").getByLabel("Topic").fill("night shift");
    await submitJob(tab);
    const answered = tab.waitForResponse("**/submit?*");
    await submitJob(tab);
    expect((await answered).status()).toBe(200);
    await tab.getByRole("button", { name: "Subscribe to it too" }).click();
    await jobs(tab, "Process 1 Completed").waitFor();
    await jobs(tab, "Process 2 Completed").waitFor();
    expect(await tab.locator("#job-hint").isVisible()).toBe(false);
    expect(new URL(tab.url()).searchParams.getAll("topic")).toEqual(["default", "night shift"]);
    await untilNumber(tab, "Reconnects", "0");
  });
});

describe("the stream", () => {
  test("pod and protocol are named, and what HTTP/1.1 means for tabs", async () => {
    const tab = await openOneTab();
    await tab.locator("#pod").getByText(POD, { exact: true }).waitFor();
    await tab.locator("#protocol").getByText("http/1.1", { exact: true }).waitFor();
    await tab.getByText("at most six connections").waitFor();
  });

  test("after a restart that loses the history it comes back by itself, counts it, and explains the gap", async () => {
    const own = await startRuntimeProcess(POD, { stream: STREAM });
    try {
      const tab = await openTab(await browser.openContext(), own.url);
      await submitJob(tab);
      await jobs(tab, "Process 1 Completed").waitFor();
      await own.kill();
      await untilState(tab, "Reconnecting");
      await submitJob(tab);
      await jobs(tab, "Process 2 Under progress").waitFor();
      await own.start();
      await untilState(tab, "Open");
      await jobs(tab, "Process 2 Completed").waitFor();
      await untilNumber(tab, "Reconnects", "1");
      await untilNumber(tab, "Gaps", "1");
      await tab.getByRole("alert").getByText("a new one has begun").waitFor();
      await tab.locator("#events > li[data-kind=gap]").waitFor();
      await keepScreenshot(tab, "gap");
      await tab.getByRole("button", { name: "Dismiss" }).click();
      expect(await tab.getByRole("alert").isVisible()).toBe(false);
    } finally {
      await own.dispose();
    }
  });

  test("an answer without a stream behind it is not called open", async () => {
    const tab = await (await browser.openContext()).newPage();
    let turnedAway = 0;
    await tab.route("**/status?*", async (route) => {
      turnedAway += 1;
      if (turnedAway > 2) return await route.continue();
      // What a sidecar answers for a pod that is not there.
      await route.fulfill({ status: 200, contentType: "text/event-stream", body: "retry: 100\n\n" });
    });
    await tab.exposeFunction("sawState", (words: string) => states.push(words));
    const states: string[] = [];
    await tab.addInitScript(`addEventListener("DOMContentLoaded", () => {
      const state = document.getElementById("state");
      new MutationObserver(() => sawState(state.textContent)).observe(state, { childList: true });
    })`);
    await tab.goto(runtime.url);
    await untilState(tab, "Open");
    expect(turnedAway).toBe(3);
    expect(states.slice(0, -1).every((words) => words === "Connecting")).toBe(true);
  });

  test("a refusal closes it for good and says why; the button opens it again", async () => {
    const tab = await openOneTab();
    await tab.getByLabel("Topics of this stream").fill("x".repeat(201));
    await tab.getByRole("button", { name: "Subscribe", exact: true }).click();
    await untilState(tab, "Closed for good");
    await tab.getByText("It answered 400: A topic has 1 to 200 characters").waitFor();
    await expectInSight(tab, "#closed");
    await keepScreenshot(tab, "closed");
    await tab.route("**/status?*", (route) => route.continue({ url: `${runtime.url}status?hello=1` }));
    await tab.getByRole("button", { name: "Reconnect" }).click();
    await untilState(tab, "Open");
    expect(await tab.locator("#closed").isVisible()).toBe(false);
  });
});

describe("messages", () => {
  test("only types that are listened for arrive; publishing one listens for it", async () => {
    const tab = await openOneTab();
    await publishAll(runtime.url, ["unseen"], "event=reading");
    await publishAll(runtime.url, ["after the unseen one"]);
    await eventRows(tab, "after the unseen one").waitFor();
    await tab.getByLabel("Event type", { exact: true }).fill("reading");
    await tab.getByLabel("Data").fill("<img src=x onerror=alert(1)>\nsecond line");
    await tab.getByLabel("Data").press("Control+Enter");
    const row = eventRows(tab, "second line");
    await row.waitFor();
    expect(await row.locator(".data").textContent()).toBe("<img src=x onerror=alert(1)>\nsecond line");
    expect(await row.locator(".type").textContent()).toBe("reading");
    expect(await row.locator(".topic").textContent()).toBe("default");
    const id = (await row.locator(".id").textContent()) ?? "";
    await tab.locator("#publish-outcome").getByText(`Stored as ${id}`, { exact: true }).waitFor();
    await untilNumber(tab, "Received", "2");
    expect(await tab.getByLabel("Event types to listen for").inputValue()).toBe("message\njob\nreading");
  });

  test("a refused one is told in the server's own words", async () => {
    const tab = await openOneTab();
    await tab.getByLabel("Event type", { exact: true }).fill("gap");
    await tab.getByRole("button", { name: "Publish", exact: true }).click();
    await tab.getByText('Not published: The event type "gap" is reserved.').waitFor();
  });

  test("the list holds the last 200, and while it is paused nothing is missed that it could show", async () => {
    const tab = await openOneTab();
    await publishAll(
      runtime.url,
      Array.from({ length: 1000 }, (_, index) => `first ${index}`),
    );
    await untilNumber(tab, "Received", "1,000");
    await eventRows(tab, "first 999").waitFor();
    expect(await tab.locator("#events > li").count()).toBe(200);

    await tab.getByRole("button", { name: "Pause list" }).click();
    const later = Array.from({ length: 150 }, (_, index) => `second ${index}`);
    await publishAll(runtime.url, later);
    await tab.getByText("Paused: 150 more arrived").waitFor();
    expect(await tab.locator("#events > li .data").first().textContent()).toBe("first 999");

    await tab.getByRole("button", { name: "Pause list" }).click();
    await eventRows(tab, "second 149").waitFor();
    const shown = await tab.locator("#events > li .data").allTextContents();
    expect(shown.length).toBe(200);
    expect(shown.slice(0, 151)).toEqual([...later.toReversed(), "first 999"]);

    await tab.getByRole("button", { name: "Clear" }).click();
    await tab.getByText("Nothing has arrived yet").waitFor();
    await untilNumber(tab, "Received", "1,150");
  });
});
