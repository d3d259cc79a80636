import { expect, test } from "vitest";
import { lastingFailure, type RenewalAttempt } from "./renewal-failure.ts";

const now = new Date("2026-01-01T12:00:00Z");
const attempt = (change: Partial<RenewalAttempt> = {}): RenewalAttempt => ({
  state: "Failed",
  since: "2026-01-01T11:30:00Z",
  message: "Failed, order demo-2-1804289383 is invalid",
  ...change,
});
const { since = "", message } = attempt();
const told = { since, message };

test("a try that failed is told, and nothing is when nobody tries", () => {
  expect(lastingFailure(undefined, attempt(), now)).toEqual(told);
  expect(lastingFailure(told, undefined, now)).toBeUndefined();
});

test("the next try changes nothing, while it lasts and when it fails for the same cause", () => {
  const next = attempt({
    since: "2026-01-01T12:00:00Z",
    message: "Failed, order demo-2-846930886 is invalid",
  });
  const underWay = attempt({ state: "UnderWay", since: "2026-01-01T12:00:00Z", message: "Renewing" });
  expect(lastingFailure(told, underWay, now)).toBe(told);
  expect(lastingFailure(told, next, now)).toBe(told);
});

test("another cause is told, of the same failure", () => {
  const other = attempt({ since: "2026-01-01T12:00:00Z", message: "Failed, the request was denied" });
  expect(lastingFailure(told, other, now)).toEqual({ since, message: other.message });
});

test("a try that is under way is told only when it lasts longer than an hour", () => {
  const underWay = (startedAt: string | undefined) => attempt({ state: "UnderWay", since: startedAt });
  expect(lastingFailure(undefined, underWay("2026-01-01T11:00:00Z"), now)).toBeUndefined();
  expect(lastingFailure(undefined, underWay(undefined), now)).toBeUndefined();
  expect(lastingFailure(undefined, underWay("2026-01-01T10:59:59Z"), now)).toEqual({
    since: "2026-01-01T10:59:59Z",
    message,
  });
});
