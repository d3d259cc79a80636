/** What a publisher is told when the backplane cannot store, and when the server itself fails. */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { allowAnyone } from "./auth.ts";
import { createPublish, createPublishHandler } from "./publish.ts";
import { createRouter } from "./router.ts";
import type { AppendOutcome } from "#runtime/broker/backplane.ts";

let server: Server;
const errors: unknown[] = [];
afterEach(() => void server.close());

async function post(append: () => Promise<AppendOutcome>): Promise<Response> {
  const limits = { maxEventBytes: 100, maxBatchBytes: 100, maxBatchEvents: 10 };
  const publish = createPublish({ guard: allowAnyone, limits, append });
  const routes = { "/submit": { POST: createPublishHandler(publish) } };
  const router = createRouter(routes, (error) => errors.push(error));
  server = createServer((request, response) => void router(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}/submit`, { method: "POST", body: "x" });
}

test.each([
  ["refused", "backplane_refused", /^It is full\. Nothing was stored; try again\.$/],
  [
    "unknown",
    "backplane_unknown",
    /^It is full\. Whether it was stored is not known; .* same Idempotency-Key/,
  ],
] as const)("%s is 503 with Retry-After, and says what is known", async (kind, code, message) => {
  const response = await post(async () => ({ kind, reason: "It is full." }));
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toEqual({
    error: { code, field: null, message: expect.stringMatching(message) },
  });
});

test("a failure of the server is 500 without details, and is told to the log", async () => {
  const failure = new Error("secret detail");
  const response = await post(() => Promise.reject(failure));
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
  expect(errors).toEqual([failure]);
});
