import { describe, expect, test } from "vitest";
import { createCors } from "./cors.ts";

const SHOP = "https://shop.example";

describe("CORS headers", () => {
  test("are none by default", () => {
    expect(createCors([]).headersFor({ origin: SHOP })).toEqual({});
  });

  test("permit a listed origin, with credentials", () => {
    expect(createCors(["https://a.example", SHOP]).headersFor({ origin: SHOP })).toMatchObject({
      "access-control-allow-origin": SHOP,
      "access-control-allow-credentials": "true",
      vary: "Origin",
    });
  });

  test.each(["https://shop.example.evil", "http://shop.example", "null", "*", undefined])(
    "permit nothing to %s, but tell caches that it depends",
    (origin) => {
      const headers = origin === undefined ? {} : { origin };
      expect(createCors([SHOP]).headersFor(headers)).toEqual({ vary: "Origin" });
    },
  );

  test("of the wildcard go without credentials", () => {
    const headers = createCors(["*"]).headersFor({ origin: SHOP });
    expect(headers).toMatchObject({ "access-control-allow-origin": "*" });
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
  });
});

describe("the origin of a page that uses its visitor's cookie", () => {
  test.each<[string, string[], string | undefined, boolean]>([
    ["the service's own", [], "https://events.example:30007", true],
    ["a listed one", [SHOP], SHOP, true],
    ["another", [SHOP], "https://evil.example", false],
    ["any, by the wildcard", ["*"], "https://evil.example", false],
    ["an opaque one", [SHOP], "null", false],
    ["the wildcard itself", ["*"], "*", false],
    ["the same host at another port", [], "https://events.example", false],
    ["none", [SHOP], undefined, false],
  ])("%s", (_, origins, origin, expected) => {
    const headers = { host: "Events.example:30007", ...(origin === undefined ? {} : { origin }) };
    expect(createCors(origins).isTrustedOrigin(headers)).toBe(expected);
  });
});
