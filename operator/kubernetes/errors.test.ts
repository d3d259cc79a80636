import { describe, expect, test } from "vitest";
import { ClusterError } from "#operator/engine/cluster.ts";
import { errorFromStatus, errorFromTransport } from "./errors.ts";
import { parseStatus } from "./parse.ts";

/** The API server's answer, as text. */
function status(code: number, rest: object = {}): string {
  return JSON.stringify({ kind: "Status", code, message: "words", details: { name: "x" }, ...rest });
}

const errorOf = (code: number, text: string, retryAfter = "") =>
  errorFromStatus('apply "v1/ConfigMap default/x"', parseStatus(code, text, retryAfter));

const uidCause = {
  details: { name: "x", causes: [{ field: "metadata.uid", message: "field is immutable" }] },
};
const typedPatch = {
  message: "failed to create typed patch object (default/x; v1, Kind=ConfigMap): .nope: field not declared",
};

test.each([
  [400, {}, "Malformed", "never"],
  [401, {}, "Unauthorized", "backoff"],
  [403, {}, "Forbidden", "slowly"],
  [404, {}, "NotFound", "backoff"],
  [404, { details: {} }, "UnknownKind", "slowly"],
  [409, { reason: "Conflict" }, "Conflict", "backoff"],
  [409, { reason: "AlreadyExists" }, "AlreadyExists", "backoff"],
  [410, {}, "Expired", "backoff"],
  [413, {}, "Malformed", "never"],
  [415, {}, "Malformed", "never"],
  [418, {}, "Malformed", "never"],
  [422, {}, "Invalid", "slowly"],
  [422, uidCause, "Conflict", "backoff"],
  [429, {}, "TooManyRequests", "backoff"],
  [500, {}, "Internal", "backoff"],
  [500, typedPatch, "Malformed", "never"],
  [502, {}, "Unavailable", "backoff"],
  [503, {}, "Unavailable", "backoff"],
  [504, {}, "Timeout", "backoff"],
  [599, {}, "Internal", "backoff"],
])("%d %j is %s, again: %s", (code, rest, kind, retry) => {
  expect(errorOf(code, status(code, rest))).toMatchObject({ kind, retry });
});

describe("the server's words", () => {
  test("make the message, with what was tried", () => {
    expect(errorOf(403, status(403)).message).toBe('Cannot apply "v1/ConfigMap default/x": words');
  });

  test("name the fields", () => {
    const causes = [{ field: "spec.ports[0].nodePort", reason: "FieldValueInvalid", message: "taken" }];
    expect(errorOf(422, status(422, { details: { name: "x", causes } })).causes).toEqual(causes);
  });

  test.each([
    ["the header", status(429), "7", 7000],
    ["the details", status(429, { details: { name: "x", retryAfterSeconds: 3 } }), "", 3000],
    ["the header, before the details", status(429, { details: { retryAfterSeconds: 3 } }), "7", 7000],
    ["neither", status(429), "", undefined],
    ["a date, which is not taken", status(429), "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  ])("ask to wait by %s", (_, text, header, retryAfterMs) => {
    expect(errorOf(429, text, header).retryAfterMs).toBe(retryAfterMs);
  });

  test.each([
    ["404 page not found\n", "404 page not found"],
    ["", "HTTP status 404"],
    ["null", "null"],
    ["[]", "[]"],
    ["{", "{"],
  ])("may be no Status at all: %j", (text, message) => {
    expect(errorOf(404, text)).toMatchObject({ kind: "UnknownKind" });
    expect(errorOf(404, text).message).toContain(message);
  });
});

describe("no answer", () => {
  const failure = (code: string, message = "words") => Object.assign(new Error(message), { code });

  test.each([
    ["ECONNREFUSED", "Unavailable"],
    ["ECONNRESET", "Unavailable"],
    ["ENOTFOUND", "Unavailable"],
    ["UND_ERR_SOCKET", "Unavailable"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "Unavailable"],
    ["ETIMEDOUT", "Timeout"],
    ["UND_ERR_CONNECT_TIMEOUT", "Timeout"],
    ["UND_ERR_HEADERS_TIMEOUT", "Timeout"],
    ["UND_ERR_BODY_TIMEOUT", "Timeout"],
  ])("%s is %s", (code, kind) => {
    const cause = failure(code);
    const error = errorFromTransport("get x", cause);
    expect(error).toMatchObject({ kind, cause, message: "Cannot get x: words" });
  });

  test("because we gave up is Aborted, whatever broke then, and says why", () => {
    const signal = AbortSignal.abort(new Error("time is up"));
    expect(errorFromTransport("get x", failure("ECONNRESET"), signal)).toMatchObject({
      kind: "Aborted",
      message: "Cannot get x: time is up",
    });
  });

  test("what has no message still says something", () => {
    expect(errorFromTransport("get x", failure("ECONNREFUSED", "")).message).toBe(
      "Cannot get x: ECONNREFUSED",
    );
    expect(errorFromTransport("get x", "odd").message).toBe("Cannot get x: odd");
  });

  test("an error of the port stays what it is", () => {
    const error = new ClusterError("Expired", "x");
    expect(errorFromTransport("get x", error)).toBe(error);
  });
});
