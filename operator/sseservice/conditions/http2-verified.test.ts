import { expect, test } from "vitest";
import { latencyToldIn } from "./http2-verified.ts";

test("the latency is read back from what was told", () => {
  const message =
    "Over TLS and HTTP/2, two streams on one connection brought a heartbeat each, within 200 ms";
  expect(latencyToldIn(message)).toBe(200);
  expect(latencyToldIn("The Service has not been opened since the last rollout")).toBeUndefined();
});
