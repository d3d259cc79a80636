import { expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import { conditions, deployment, running } from "#operator/test/observation.ts";
import type { Observation } from "./observation.ts";

test.each<[string, Partial<Observation>, Record<string, string>]>([
  [
    "a paused service",
    { service: service({ paused: true }) },
    { Ready: "True Ready", Paused: "True Paused" },
  ],
  [
    "a paused service with a change that waits",
    {
      service: service({
        paused: true,
        replicas: 3,
        backplane: { redis: { urlSecretRef: { name: "mine" } } },
      }),
      deployment: { ...deployment(running), spec: { replicas: 1, selector: {}, template: {} } },
      waiting: ['Deployment "demo"'],
    },
    { Ready: "False ChangesWait", Paused: "True ChangesWait", Reconciling: "False Settled" },
  ],
  [
    "a paused service whose pods are gone",
    { service: service({ paused: true }), deployment: deployment({ observedGeneration: 1 }) },
    { Ready: "False PodsStarting", Paused: "True Paused" },
  ],
  [
    "a Service that was not opened yet",
    { http2: undefined },
    { Ready: "False Verifying", Http2Verified: "Unknown Pending", Reconciling: "True Verifying" },
  ],
  [
    "a Service that serves something else",
    { http2: { kind: "failed", failure: { reason: "WrongAnswer", message: "m" } } },
    { Ready: "False WrongAnswer", Http2Verified: "False WrongAnswer", Reconciling: "False Settled" },
  ],
  [
    "a Service that wants a token",
    { http2: { kind: "verified", finding: "TokenNeeded", latencyMs: 1 } },
    { Ready: "True Ready", Http2Verified: "True Verified" },
  ],
])("Ready heeds %s", (_, change, expected) => {
  expect(conditions(change)).toMatchObject(expected);
});
