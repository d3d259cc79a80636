import { expect, test } from "vitest";
import { describeTrouble } from "./trouble.ts";

test("a certificate of nobody known is told with what to look at, and not with Node.js' advice", () => {
  const advice = "unable to verify the first certificate; try running Node.js with --use-system-ca";
  const code = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
  expect(describeTrouble(Object.assign(new Error(advice), { code }))).toBe(
    "its certificate is of no authority that is trusted here (UNABLE_TO_VERIFY_LEAF_SIGNATURE): see that `ca` holds the right one",
  );
});

test.each([
  [Object.assign(new Error("connect ECONNREFUSED 192.0.2.1:6379"), { code: "ECONNREFUSED" })],
  [new Error("WRONGPASS invalid password")],
])("anything else is told in its own words: %s", (error) => {
  expect(describeTrouble(error)).toBe(error.message);
});
