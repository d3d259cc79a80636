/** How the client page asks for the publish token, keeps it, and tells that it is wrong. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Route } from "playwright-core";
import {
  jobs,
  keepScreenshot,
  openPageBrowser,
  openTab,
  submitJob,
  type PageBrowser,
} from "#runtime/test/page-browser.ts";
import { startRuntimeProcess, type RuntimeProcess } from "#runtime/test/runtime-process.ts";

const TOKEN = "s3cret-publish-token";

let browser: PageBrowser;
let runtime: RuntimeProcess;
let tokenDirectory: string;

beforeAll(async () => {
  tokenDirectory = await mkdtemp(join(tmpdir(), "sse-tokens-"));
  await writeFile(join(tokenDirectory, "current"), TOKEN);
  const access = { publish: { mode: "Token", tokenDirectory } } as const;
  [browser, runtime] = await Promise.all([openPageBrowser(), startRuntimeProcess("demo", { access })]);
});

afterEach(() => browser.closeContexts());

afterAll(async () => {
  await Promise.all([browser.close(), runtime.dispose()]);
  await rm(tokenDirectory, { recursive: true });
});

test("a wrong token is told; the right one publishes, and is kept in this tab until it is forgotten", async () => {
  const context = await browser.openContext();
  const tab = await openTab(context, runtime.url);
  await submitJob(tab);
  const dialog = tab.getByRole("dialog", { name: "Publishing needs a token" });
  await dialog.waitFor();
  expect(await dialog.getByRole("alert").textContent()).toBe("");
  await dialog.getByLabel("Token").fill("not this one");
  await dialog.getByLabel("Token").press("Enter");
  await dialog.getByText("A token is one word").waitFor();
  await dialog.getByLabel("Token").fill("wrong");
  await dialog.getByRole("button", { name: "Use this token" }).click();
  await dialog.getByText("That token was refused: This token is not one that may publish.").waitFor();
  await keepScreenshot(tab, "token");
  await jobs(tab, "Process 1 Under progress").waitFor();
  await dialog.getByLabel("Token").fill(TOKEN);
  await dialog.getByRole("button", { name: "Use this token" }).click();
  await jobs(tab, "Process 1 Completed").waitFor();
  expect(await dialog.isVisible()).toBe(false);

  await tab.reload();
  await submitJob(tab);
  await jobs(tab, "Process 1 Completed").getByText("this tab").waitFor();
  expect(await dialog.isVisible()).toBe(false);

  await tab.getByRole("button", { name: "Forget it" }).click();
  await submitJob(tab);
  await dialog.waitFor();
});

test("two jobs that wait for the token ask once; giving up says that they were not submitted", async () => {
  const tab = await openTab(await browser.openContext(), runtime.url);
  const second = Promise.withResolvers<Route>();
  await tab.route("**/submit?*", (route) => second.resolve(route));
  await tab.route("**/submit?*", (route) => route.continue(), { times: 1 });
  await tab.getByRole("button", { name: "Submit a New Job" }).dblclick();
  const dialog = tab.getByRole("dialog");
  await dialog.getByLabel("Token").fill("half-a-tok");

  const refused = tab.waitForResponse("**/submit?*");
  await (await second.promise).continue();
  expect((await refused).status()).toBe(401);
  await (await refused).finished();
  expect(await dialog.getByLabel("Token").inputValue()).toBe("half-a-tok");

  await tab.keyboard.press("Escape");
  await jobs(tab, "Process 1 Not submitted").getByText("Publishing needs a token").waitFor();
  await jobs(tab, "Process 2 Not submitted").waitFor();
  expect(await dialog.isVisible()).toBe(false);
});
