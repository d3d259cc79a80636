import { expect, test } from "vitest";
import { parseServerUrl, ServerUrlError } from "./server-url.ts";

test("a single server needs no more than its host", () => {
  expect(parseServerUrl("redis://cache")).toEqual({
    isTls: false,
    username: undefined,
    password: undefined,
    database: 0,
    seeds: [{ host: "cache", port: 6379 }],
    sentinel: undefined,
  });
});

test("user, password, port, database and TLS", () => {
  expect(parseServerUrl("rediss://app:p%40ss%2F1@[::1]:7000/3\n")).toMatchObject({
    isTls: true,
    username: "app",
    password: "p@ss/1",
    database: 3,
    seeds: [{ host: "::1", port: 7000 }],
  });
});

test("a password without a user", () => {
  expect(parseServerUrl("redis://:secret@h:1")).toMatchObject({ username: undefined, password: "secret" });
});

test("several nodes of a cluster", () => {
  expect(parseServerUrl("redis://a:1,b,c:3").seeds).toEqual([
    { host: "a", port: 1 },
    { host: "b", port: 6379 },
    { host: "c", port: 3 },
  ]);
});

test("sentinels and the primary they know", () => {
  expect(parseServerUrl("redis+sentinel://:p@a,b:5/main?sentinelPassword=s%20t")).toMatchObject({
    password: "p",
    seeds: [
      { host: "a", port: 26_379 },
      { host: "b", port: 5 },
    ],
    sentinel: { primary: "main", password: "s t" },
  });
});

test.each([
  "",
  "http://a",
  "redis://",
  "redis://a:99999",
  "redis://a/x",
  "redis+sentinel://a",
  "redis://:pw@a:b",
])("%j is refused, without its password in the message", (text) => {
  expect(() => parseServerUrl(text)).toThrow(ServerUrlError);
  expect(() => parseServerUrl(text)).not.toThrow(/pw/);
});
