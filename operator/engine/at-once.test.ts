import { expect, test } from "vitest";
import { eachAtOnce } from "./at-once.ts";

/** Works that last until they are ended, in any order. */
function createWork() {
  const begun: number[] = [];
  const ends = new Map<number, PromiseWithResolvers<void>>();
  const work = (item: number): Promise<void> => {
    begun.push(item);
    const end = Promise.withResolvers<void>();
    ends.set(item, end);
    return end.promise;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    begun,
    work,
    end: async (item: number) => {
      ends.get(item)?.resolve();
      await settle();
    },
    fail: async (item: number) => {
      ends.get(item)?.reject(new Error("no"));
      await settle();
    },
  };
}

test("begins as many as are allowed, and one more for each that ends", async () => {
  const { begun, work, end } = createWork();
  const all = eachAtOnce([1, 2, 3, 4], 2, work);
  expect(begun).toEqual([1, 2]);
  await end(2);
  expect(begun).toEqual([1, 2, 3]);
  await end(1);
  await end(3);
  expect(begun).toEqual([1, 2, 3, 4]);
  await end(4);
  await all;
});

test("begins no other after one has failed", async () => {
  const { begun, work, end, fail } = createWork();
  const all = eachAtOnce([1, 2, 3], 2, work);
  const outcome = all.catch(String);
  await fail(1);
  await end(2);
  expect(await outcome).toBe("Error: no");
  expect(begun).toEqual([1, 2]);
});

test("of nothing there is nothing to wait for", async () => {
  await expect(eachAtOnce([], 2, () => Promise.reject(new Error("never")))).resolves.toBeUndefined();
});
