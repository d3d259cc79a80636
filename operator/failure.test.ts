import { describe, expect, test } from "vitest";
import type { ApplyReason } from "#operator/engine/applied-memo.ts";
import { ClusterError, type ClusterErrorKind, type KubernetesObject } from "#operator/engine/cluster.ts";
import { toContention, toFailure } from "#operator/failure.ts";

const ref = { apiVersion: "v1", kind: "Service", namespace: "shop", name: "demo" };
const failed = (kind: ClusterErrorKind, field?: string) => ({
  kind: "failed" as const,
  ref,
  during: "apply" as const,
  error: new ClusterError(kind, "the server's words", {
    causes: field === undefined ? [] : [{ field, reason: "FieldValueInvalid", message: "m" }],
  }),
});

test.each([
  [failed("Invalid", "spec.ports[0].nodePort"), "NodePortTaken", /choose another spec.service.nodePort/],
  [failed("Invalid", "spec.ports[0].port"), "Refused", /the server's words; correct the resource/],
  [failed("Forbidden"), "Forbidden", /grant it to the operator/],
  [failed("Unavailable"), "ApplyFailed", /trying again/],
  [
    { kind: "refused" as const, ref, controller: undefined },
    "NotOwned",
    /Service "demo" exists and was not made by the operator/,
  ],
])("a failure has a reason and the next step: %#", (outcome, reason, message) => {
  expect(toFailure(outcome)).toEqual([{ reason, message: expect.stringMatching(message) }]);
});

test("what went well is no failure", () => {
  expect(toFailure({ kind: "deleted", ref })).toEqual([]);
});

describe("a child that is put back in run after run", () => {
  const found: KubernetesObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "demo",
      namespace: "shop",
      managedFields: [
        { manager: "sse-operator", time: "2026-01-01T00:00:09Z" },
        { manager: "other", time: "2026-01-01T00:00:01Z" },
        { manager: "rival", time: "2026-01-01T00:00:02Z" },
        { manager: "kubelet", subresource: "status", time: "2026-01-01T00:00:03Z" },
      ],
    },
  };
  const applied = (reason: ApplyReason) => ({ kind: "applied" as const, ref, reason, object: found });

  test.each(["ownedFieldsChanged", "recreated", "missing"] as const)("is contended: %s", (reason) => {
    expect(toContention([applied(reason)], [found])).toEqual([
      {
        reason: "Contended",
        message: expect.stringContaining('Service "demo" is changed again and again by "rival"'),
      },
    ]);
  });

  test("is contended though nobody is known to change it", () => {
    const [failure] = toContention([applied("missing")], []);
    expect(failure?.message).toContain("is changed again and again, and put back");
  });

  test("is not contended when it is our own wish that changes", () => {
    expect(toContention([applied("desiredChanged"), { kind: "deleted", ref }], [found])).toEqual([]);
  });
});
