import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesAny, matchesTopic } from "./topic-pattern.ts";

/** Few letters, so that names and patterns often meet. */
const name = fc.string({ unit: fc.constantFrom("a", "/", "*"), maxLength: 4 });
const plain = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 8 });

/** Character by character, as the documentation words it. */
function modelMatches(pattern: string, topic: string): boolean {
  const [head, ...tail] = pattern;
  if (head === undefined) return topic === "";
  if (head === "*" && tail.length === 0) return true;
  return topic[0] === head && modelMatches(tail.join(""), topic.slice(1));
}

describe("a topic pattern", () => {
  test("matches what the character-by-character reading does", () => {
    fc.assert(
      fc.property(name, name, (pattern, topic) => {
        expect(matchesTopic(pattern, topic)).toBe(modelMatches(pattern, topic));
      }),
      { numRuns: 2_000 },
    );
  });

  test("without a star names itself alone, with one at its end everything that begins so", () => {
    fc.assert(
      fc.property(plain, plain, (prefix, rest) => {
        expect(matchesTopic(`${prefix}*`, prefix + rest)).toBe(true);
        expect(matchesTopic(prefix, prefix)).toBe(true);
        expect(matchesTopic(prefix, prefix + rest)).toBe(rest === "");
      }),
    );
  });

  test.each([
    ["*", "anything/at/all", true],
    ["orders/*", "orders/7", true],
    ["orders/*", "orders", false],
    ["orders/*", "my/orders/7", false],
    ["orders/*/eu", "orders/7/eu", false],
    ["", "default", false],
    ["Orders", "orders", false],
  ])("%j on %j is %s", (pattern, topic, expected) => {
    expect(matchesTopic(pattern, topic)).toBe(expected);
  });

  test("no patterns open nothing, and one of several is enough", () => {
    expect(matchesAny([], "a")).toBe(false);
    expect(matchesAny(["b", "a*"], "a")).toBe(true);
  });
});
