import { expect, test } from "vitest";
import { parseMirror } from "./apt.ts";

test("the mirror of a one-line source, whatever options stand before it", () => {
  expect(
    parseMirror(
      "# deb http://old.example/debian x main\ndeb [arch=amd64] http://a.example/debian/ trixie main",
    ),
  ).toBe("http://a.example/debian");
});

test("the mirror of a deb822 source, and not its security updates", () => {
  const sources = `Types: deb
URIs: https://b.example/debian-security
Suites: trixie-security

Types: deb
# URIs: http://snapshot.example/debian
URIs: https://b.example/debian
Suites: trixie trixie-updates`;
  expect(parseMirror(sources)).toBe("https://b.example/debian");
});

test("another distribution has none", () => {
  expect(parseMirror("deb http://archive.example/ubuntu noble main")).toBeUndefined();
});
