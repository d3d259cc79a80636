import { describe, expect, test } from "vitest";
import { describeIssuance } from "./cert-manager.ts";

const certificate = (status: object | undefined, generation = 2) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name: "demo", namespace: "shop", generation },
  ...(status && { status }),
});
const ready = (status: string, observedGeneration = 2) => ({
  type: "Ready",
  status,
  observedGeneration,
  reason: "DoesNotExist",
  message: "Issuing certificate as Secret does not exist",
});

describe("an issuance", () => {
  test("is done when cert-manager says so of what was asked last", () => {
    const status = { conditions: [ready("True")], renewalTime: "2026-03-01T00:00:00Z" };
    expect(describeIssuance(certificate(status))).toEqual({
      pending: undefined,
      renewalTime: "2026-03-01T00:00:00Z",
      attempt: undefined,
    });
    expect(describeIssuance(certificate(status, 3)).pending).toContain("has not issued");
  });

  test("that hangs tells cert-manager's own words, and where to look", () => {
    const issuing = { type: "Issuing", status: "False", reason: "Failed", message: "order is invalid" };
    const { pending } = describeIssuance(certificate({ conditions: [issuing, ready("False")] }));
    expect(pending).toContain("Ready: DoesNotExist, Issuing certificate as Secret does not exist");
    expect(pending).toContain("Issuing: Failed, order is invalid");
    expect(pending).toContain("kubectl -n shop describe certificaterequest demo");
  });

  test("that is to follow a good one is told apart, under way or failed", () => {
    const issuing = { type: "Issuing", reason: "Failed", message: "order is invalid" };
    const attemptOf = (status: object) => {
      const { pending, attempt } = describeIssuance(certificate(status));
      expect(pending).toBeUndefined();
      return attempt;
    };
    const at = (time: string) => ({ ...issuing, status: "True", lastTransitionTime: time });
    expect(attemptOf({ conditions: [at("2026-03-01T00:00:00Z"), ready("True")] })).toMatchObject({
      state: "UnderWay",
      since: "2026-03-01T00:00:00Z",
      message: expect.stringContaining("kubectl -n shop describe certificaterequest demo"),
    });
    const conditions = [{ ...issuing, status: "False" }, ready("True")];
    expect(attemptOf({ conditions, lastFailureTime: "2026-03-01T00:05:00Z" })).toEqual({
      state: "Failed",
      since: "2026-03-01T00:05:00Z",
      message:
        "Issuing: Failed, order is invalid; look at it with: kubectl -n shop describe certificate demo",
    });
    // As cert-manager leaves a success with its feature ServerSideApply.
    expect(attemptOf({ conditions })).toBeUndefined();
  });

  test("whose words are long leaves room for the next step in an Event's note", () => {
    const issuing = { type: "Issuing", status: "True", reason: "Failed", message: "x".repeat(5_000) };
    const { attempt } = describeIssuance(certificate({ conditions: [issuing, ready("True")] }));
    expect(attempt?.message.length).toBeLessThan(800);
    expect(attempt?.message).toContain("kubectl");
  });

  test("that nobody works on asks whether cert-manager runs", () => {
    expect(describeIssuance(certificate(undefined)).pending).toContain("see that it runs");
    expect(describeIssuance(undefined).pending).toContain("only just");
  });
});
