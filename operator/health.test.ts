import type { AddressInfo } from "node:net";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { startHealthServer } from "./health.ts";

let problems: { live?: string; ready?: string };
let get: (path: string) => Promise<{ status: number; text: string; type: string | null }>;

beforeEach(async () => {
  problems = {};
  const server = await startHealthServer(0, {
    live: () => problems.live,
    ready: () => problems.ready,
    metrics: { contentType: "text/plain; version=0.0.4", render: async () => "up 1\n" },
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  get = async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
    return {
      status: response.status,
      text: await response.text(),
      type: response.headers.get("content-type"),
    };
  };
});

test.each([
  ["/healthz", "live"],
  ["/readyz", "ready"],
] as const)("%s is 200 while nothing is wrong, and 503 with the reason otherwise", async (path, check) => {
  expect(await get(path)).toMatchObject({ status: 200, text: "ok\n" });
  problems[check] = "the watch of Pod hangs";
  expect(await get(path)).toMatchObject({ status: 503, text: "the watch of Pod hangs\n" });
  const other = path === "/healthz" ? "/readyz" : "/healthz";
  expect((await get(other)).status).toBe(200);
});

test("/metrics is in Prometheus' form", async () => {
  expect(await get("/metrics")).toEqual({ status: 200, text: "up 1\n", type: "text/plain; version=0.0.4" });
});

test("any other path is 404 and names the ones that are there", async () => {
  expect(await get("/")).toMatchObject({
    status: 404,
    text: "Only /healthz, /readyz and /metrics are here\n",
  });
});
