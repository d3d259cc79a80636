/** How the client page asks for the token of a stream, goes on when it has expired, and says when it is for other topics. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AUDIENCE, ISSUER, SigningKey } from "#runtime/test/jwt-issuer.ts";
import {
  eventRows,
  keepScreenshot,
  openPageBrowser,
  submitJob,
  untilNumber,
  untilState,
  jobs,
  type PageBrowser,
} from "#runtime/test/page-browser.ts";
import { startRuntimeProcess, type RuntimeProcess } from "#runtime/test/runtime-process.ts";

let browser: PageBrowser;
let runtime: RuntimeProcess;
let keyDirectory: string;
let key: SigningKey;

beforeAll(async () => {
  keyDirectory = await mkdtemp(join(tmpdir(), "sse-keys-"));
  key = await SigningKey.create();
  await writeFile(join(keyDirectory, "key.pem"), await key.pem());
  const jwt = { keyDirectory, issuer: ISSUER, audience: AUDIENCE, clockToleranceSeconds: 0 };
  const access = { publish: { mode: "Jwt" }, subscribe: { mode: "Jwt" }, jwt } as const;
  const stream = { retryMilliseconds: 100 };
  [browser, runtime] = await Promise.all([
    openPageBrowser(),
    startRuntimeProcess("demo", { access, stream }),
  ]);
});

afterEach(() => browser.closeContexts());

afterAll(async () => {
  await Promise.all([browser.close(), runtime.dispose()]);
  await rm(keyDirectory, { recursive: true });
});

async function openClosedTab(): Promise<{ tab: Page; dialog: Locator }> {
  const tab = await (await browser.openContext()).newPage();
  await tab.goto(runtime.url);
  return { tab, dialog: tab.getByRole("dialog", { name: "This stream needs a token" }) };
}

async function give(dialog: Locator, token: string): Promise<void> {
  await dialog.getByLabel("Token").fill(token);
  await dialog.getByLabel("Token").press("Enter");
}

async function publish(data: string): Promise<void> {
  const headers = { authorization: `Bearer ${await key.sign()}`, "content-type": "text/plain" };
  const answer = await fetch(`${runtime.url}submit`, { method: "POST", headers, body: data });
  expect(answer.status).toBe(200);
}

test("a refused token is told, the right one opens the stream, and is kept in this tab until it is forgotten", async () => {
  const { tab, dialog } = await openClosedTab();
  await give(dialog, "wrong");
  await dialog.getByText("That token was refused: The token is not accepted.").waitFor();
  await keepScreenshot(tab, "stream-token");
  await give(dialog, await key.sign());
  await untilState(tab, "Open");
  expect(tab.url()).not.toContain("access_token");
  await publish("for those who may");
  await eventRows(tab, "for those who may").waitFor();

  await tab.reload();
  await untilState(tab, "Open");
  await tab.getByRole("button", { name: "Forget it" }).click();
  await tab.reload();
  await dialog.waitFor();
});

test("a token that expires ends the stream for good, and with another one nothing was missed", async () => {
  const { tab, dialog } = await openClosedTab();
  await give(dialog, await key.sign({ expiresInSeconds: 8 }));
  await untilState(tab, "Open");
  await publish("while it was good");
  await eventRows(tab, "while it was good").waitFor();
  await dialog.getByText("That token was refused: The token is not accepted. It has expired.").waitFor();
  await publish("in between");
  await give(dialog, await key.sign());
  await eventRows(tab, "in between").waitFor();
  await untilNumber(tab, "Gaps", "0");
});

test("who gives up sees why, and can try again", async () => {
  const { tab, dialog } = await openClosedTab();
  await dialog.waitFor();
  await tab.keyboard.press("Escape");
  await tab.getByText("It answered 401: Subscribing needs a token").waitFor();
  await tab.getByRole("button", { name: "Reconnect" }).click();
  await give(dialog, await key.sign({ sse: { subscribe: ["other"] } }));
  await tab.getByText('It answered 403: This token does not permit subscribing to "default"').waitFor();
  expect(await dialog.isVisible()).toBe(false);
});

test("publishing has a token of its own", async () => {
  const { tab, dialog } = await openClosedTab();
  await give(dialog, await key.sign({ sse: { subscribe: ["*"] } }));
  await untilState(tab, "Open");
  await submitJob(tab);
  const other = tab.getByRole("dialog", { name: "Publishing needs a token" });
  await give(other, await key.sign({ sse: { publish: ["*"] } }));
  await jobs(tab, "Process 1 Completed").waitFor();
});
