import { expect, test } from "vitest";
import { eventsBetween } from "./status-events.ts";
import type { ConditionType, SseServiceStatus } from "./status-schema.ts";

function status(
  conditions: Partial<Record<ConditionType, string>>,
  notAfter = "2026-04-01T00:00:00Z",
): SseServiceStatus {
  return {
    certificate: { notAfter, renewalTime: "2026-03-01T00:00:00Z", caFingerprint: "AA" },
    conditions: Object.entries(conditions).map(([type, verdict]) => {
      const [state = "", reason = ""] = verdict.split(" ");
      return {
        type,
        status: state as "True" | "False",
        reason,
        message: `why ${reason}`,
        observedGeneration: 1,
        lastTransitionTime: "2026-01-01T00:00:00Z",
      };
    }),
  };
}

const settled = status({ Ready: "True Ready", Stalled: "False NotStalled", BackplaneReady: "True InMemory" });

test("a first status tells of the certificate, and of Ready only when it is", () => {
  expect(eventsBetween(undefined, settled).map(({ reason }) => reason)).toEqual([
    "Ready",
    "CertificateIssued",
  ]);
  const starting = status({ Ready: "False PodsStarting", Stalled: "False NotStalled" });
  expect(eventsBetween(undefined, starting).map(({ reason }) => reason)).toEqual(["CertificateIssued"]);
});

test("the same status again tells nothing", () => {
  expect(eventsBetween(settled, settled)).toEqual([]);
});

test("trouble is a warning, in the words of the condition, and again when its reason changes", () => {
  const taken = status({ Ready: "False NodePortTaken", Stalled: "True NodePortTaken" });
  const forbidden = status({ Ready: "False Forbidden", Stalled: "True Forbidden" });
  expect(eventsBetween(settled, taken)).toEqual([
    { type: "Warning", reason: "NodePortTaken", note: "why NodePortTaken" },
  ]);
  expect(eventsBetween(taken, forbidden).map(({ reason }) => reason)).toEqual(["Forbidden"]);
  expect(eventsBetween(forbidden, settled).map(({ reason }) => reason)).toEqual(["Ready"]);
});

test("a renewal that fails is a warning once, while the certificate is good", () => {
  const issued = status({ CertificateReady: "True Issued" });
  const failing = status({ CertificateReady: "True RenewalFailing" });
  expect(eventsBetween(issued, failing)).toEqual([
    { type: "Warning", reason: "RenewalFailing", note: "why RenewalFailing" },
  ]);
  expect(eventsBetween(failing, failing)).toEqual([]);
  expect(eventsBetween(failing, issued)).toEqual([]);
});

test("a lost backplane is a warning, and a renewed certificate is told", () => {
  const lost = status(
    { Ready: "False Unreachable", BackplaneReady: "False Unreachable" },
    "2026-06-01T00:00:00Z",
  );
  expect(eventsBetween(settled, lost).map(({ type, reason }) => `${type} ${reason}`)).toEqual([
    "Warning Unreachable",
    "Normal CertificateIssued",
  ]);
});
