import { expect, test } from "vitest";
import { ClusterError, type ClusterErrorKind } from "#operator/engine/cluster.ts";
import { toFailure } from "#operator/failure.ts";

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
