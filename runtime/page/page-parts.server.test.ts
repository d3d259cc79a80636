/** The page's parts that only reckon, loaded in the browser from the runtime that serves them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { openPageBrowser, openTab, type PageBrowser } from "#runtime/test/page-browser.ts";
import { startRuntimeProcess, type RuntimeProcess } from "#runtime/test/runtime-process.ts";

let browser: PageBrowser;
let runtime: RuntimeProcess;
let tab: Page;

beforeAll(async () => {
  [browser, runtime] = await Promise.all([openPageBrowser(), startRuntimeProcess("demo")]);
  tab = await openTab(await browser.openContext(), runtime.url);
});

afterAll(async () => {
  await Promise.all([browser.close(), runtime.dispose()]);
});

test("the rate is that of the last whole second, and seconds leave the window at its end", async () => {
  const reads = await tab.evaluate(`import("/rate.js").then(({ createRateMeter }) => {
    const meter = createRateMeter(3);
    const reads = [];
    const read = (now) => {
      const { perSecond, seconds } = meter.read(now);
      reads.push([perSecond, seconds.map(({ events, mark }) => events + (mark ?? "")).join(" ")]);
    };
    meter.count(10_100);
    meter.count(10_900);
    read(10_999);
    read(11_000);
    meter.mark("gap", 11_500);
    meter.mark("reconnect", 11_600);
    meter.count(12_000);
    read(12_500);
    read(13_000);
    read(99_000);
    return reads;
  })`);
  expect(reads).toEqual([
    [0, "0 0 2"],
    [2, "0 2 0"],
    [0, "2 0gap 1"],
    [1, "0gap 1 0"],
    [0, "0 0 0"],
  ]);
});

test("names with spaces, quotes and signs are safe words of a shell", async () => {
  const commands = await tab.evaluate(`import("/terminal.js").then(({ curlCommands }) =>
    curlCommands("https://host:30007/", ["it's $(here) & there", "b"]))`);
  expect(commands).toEqual({
    follow: `curl -N 'https://host:30007/status?topic=it%27s+%24%28here%29+%26+there&topic=b'`,
    publish: [
      `curl 'https://host:30007/submit?topic=it%27s+%24%28here%29+%26+there&event=job'`,
      `-H 'Content-Type: text/plain'`,
      `--data-binary '{"process":1,"client":"a terminal"}'`,
    ].join(" \\\n  "),
  });
});
