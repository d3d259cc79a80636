import { expect, test } from "vitest";
import { buildStatus } from "#operator/sseservice/status.ts";
import { now, observe } from "#operator/test/observation.ts";
import type { Http2Finding } from "./observation.ts";

function told(finding: Http2Finding, latencyMs: number, previous?: ReturnType<typeof buildStatus>) {
  const http2 = { kind: "verified", finding, latencyMs } as const;
  const status = buildStatus(observe({ http2, previous }), now);
  return { status, message: status.conditions?.find(({ type }) => type === "Http2Verified")?.message };
}

test("the latency is told as it was first, and anew with another finding", () => {
  const first = told("Open", 12);
  expect(first.message).toMatch(/brought a heartbeat each, within 12 ms$/);
  expect(told("Open", 700, first.status).message).toBe(first.message);
  expect(told("Full", 700, first.status).message).toMatch(/told to come back.*, within 700 ms$/);
});
