import { beforeEach, describe, expect, test } from "vitest";
import { jwksOf, SigningKey } from "#runtime/test/jwt-issuer.ts";
import { parseJwks, type VerificationKey } from "./key-set.ts";
import { RemoteKeys } from "./remote-keys.ts";

const MINUTE = 60_000;

let nowMs: number;
let published: VerificationKey[] | undefined;
let requests: number;
let errors: unknown[];
let remote: RemoteKeys;

beforeEach(async () => {
  nowMs = 0;
  published = await keysNamed("old");
  requests = 0;
  errors = [];
  const fetchKeys = async () => {
    requests++;
    if (published === undefined) throw new Error("down");
    return published;
  };
  remote = new RemoteKeys({ fetchKeys, now: () => nowMs, onError: (error) => errors.push(error) });
});

async function keysNamed(...ids: readonly string[]): Promise<VerificationKey[]> {
  const keys = await Promise.all(ids.map((id) => SigningKey.create(id)));
  return parseJwks(JSON.parse(await jwksOf(...keys)));
}

const count = async (id: string) => (await remote.find({ algorithm: "ES256", id }))?.length;

describe("the keys of a URL", () => {
  test("are fetched once for many tokens, however many come at once", async () => {
    expect(await Promise.all(["old", "old", "old"].map(count))).toEqual([1, 1, 1]);
    nowMs = 9 * MINUTE;
    expect(await count("old")).toBe(1);
    expect(requests).toBe(1);
  });

  test("are fetched anew for a key that is not known, with a pause", async () => {
    expect(await count("old")).toBe(1);
    nowMs = 5_000;
    published = await keysNamed("old", "new");
    expect(await count("new")).toBe(1);
    expect(requests).toBe(2);
    for (const id of ["a", "b", "c"]) expect(await count(id)).toBe(0);
    expect(requests).toBe(2);
  });

  test("are fetched anew when they are old, so that a withdrawn one goes", async () => {
    expect(await count("old")).toBe(1);
    published = await keysNamed("new");
    nowMs = 10 * MINUTE;
    await count("old");
    expect(await count("new")).toBe(1);
    expect(await count("old")).toBe(0);
  });

  test("stay in use for an hour while the issuer is down, and not for ever", async () => {
    expect(await count("old")).toBe(1);
    published = undefined;
    nowMs = 59 * MINUTE;
    expect(await count("old")).toBe(1);
    nowMs = 60 * MINUTE;
    expect(await count("old")).toBeUndefined();
    expect(errors).toHaveLength(1);
  });

  test("say nothing about a key that is not among them while the issuer is down", async () => {
    expect(await count("old")).toBe(1);
    published = undefined;
    nowMs = MINUTE;
    expect([await count("new"), await count("old")]).toEqual([undefined, 1]);
  });

  test("an issuer that is down says nothing about a token, is asked with pauses, and is told once", async () => {
    published = undefined;
    for (const id of ["old", "old", "old"]) expect(await count(id)).toBeUndefined();
    expect(requests).toBe(1);
    nowMs = 5_000;
    expect(await count("old")).toBeUndefined();
    expect([requests, errors.length]).toEqual([2, 1]);
    published = await keysNamed("old");
    nowMs = 10_000;
    expect(await count("old")).toBe(1);
  });
});
