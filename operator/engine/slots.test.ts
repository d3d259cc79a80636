import { expect, test } from "vitest";
import { createSlots } from "./slots.ts";

test("runs so many at a time, and the others in order, also after a failure", async () => {
  const slots = createSlots(2);
  const begun: number[] = [];
  const works = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
  const runs = works.map(({ promise }, index) =>
    slots.run(() => {
      begun.push(index);
      return promise;
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  works[1]?.reject(new Error("broken"));
  await expect(runs[1]).rejects.toThrow("broken");
  expect(begun).toEqual([0, 1, 2]);
  for (const work of works) work.resolve(1);
  expect(await Promise.all([runs[0], runs[2], runs[3]])).toEqual([1, 1, 1]);
});
