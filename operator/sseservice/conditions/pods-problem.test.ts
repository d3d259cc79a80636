import { expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import { conditions, deployment, pulling, running } from "#operator/test/observation.ts";
import type { Observation } from "./observation.ts";

test.each<[string, Partial<Observation>, Record<string, string>]>([
  [
    "pods that the cluster refuses",
    {
      deployment: deployment({
        conditions: [{ type: "ReplicaFailure", status: "True", message: "no webhook answers" }],
      }),
    },
    { Ready: "False PodsRefused", Available: "False PodsRefused", Stalled: "False NotStalled" },
  ],
  [
    "a quota",
    {
      deployment: deployment({
        conditions: [
          {
            type: "ReplicaFailure",
            status: "True",
            message: 'pods "demo-1-x" is forbidden: exceeded quota: none, requested: pods=1',
          },
        ],
      }),
    },
    { Ready: "False QuotaExceeded", Available: "False QuotaExceeded", Stalled: "True QuotaExceeded" },
  ],
  [
    "Pod Security",
    {
      deployment: deployment({
        conditions: [
          {
            type: "ReplicaFailure",
            status: "True",
            message: 'pods "demo-1-x" is forbidden: violates PodSecurity "restricted:latest": seccompProfile',
          },
        ],
      }),
    },
    { Ready: "False PodSecurityRefused", Stalled: "True PodSecurityRefused", Reconciling: "False Stalled" },
  ],
  [
    "an image that is not there",
    { deployment: deployment({ observedGeneration: 1 }), pods: [pulling("not found")] },
    { Ready: "False ImageNotPulled", Available: "False ImageNotPulled", Stalled: "True ImageNotPulled" },
  ],
  [
    "an image that is not there, of a rollout whose old pods serve on",
    {
      deployment: deployment({ ...running, updatedReplicas: 0, replicas: 2 }),
      pods: [pulling("not found")],
    },
    { Ready: "False ImageNotPulled", Available: "True PodsAvailable", Stalled: "True ImageNotPulled" },
  ],
  [
    "a registry that is away",
    { deployment: deployment({ observedGeneration: 1 }), pods: [pulling("i/o timeout")] },
    { Available: "False ImageNotPulled", Stalled: "False NotStalled", Reconciling: "True RollingOut" },
  ],
  [
    "the managed backplane's own image",
    {
      service: service({ backplane: { managed: {} } }),
      backplaneServer: { status: { replicas: 1 } },
      backplanePods: [pulling("not found")],
    },
    {
      Ready: "False ImageNotPulled",
      BackplaneReady: "False ServerStarting",
      Stalled: "True ImageNotPulled",
    },
  ],
  [
    "pods that never become ready",
    {
      deployment: deployment({
        conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }],
      }),
    },
    { Ready: "False PodsNotReady", Available: "False PodsNotReady" },
  ],
])("the conditions tell of %s", (_, change, expected) => {
  expect(conditions(change)).toMatchObject(expected);
});
