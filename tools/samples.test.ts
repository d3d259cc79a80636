import { expect, test } from "vitest";
import { listSamples, serviceNames } from "./samples.ts";

test("the samples come smallest first, each with the services in it", async () => {
  const samples = await listSamples();
  expect(samples[0]?.file).toBe("samples/01-smallest.yaml");
  expect(samples.filter(({ names }) => names.length === 0)).toEqual([]);
});

test("other objects in a sample are passed over", () => {
  const text =
    "kind: Secret\nmetadata: {name: a}\n---\nkind: SseService\nmetadata: {name: b}\n---\n# nothing\n";
  expect(serviceNames(text)).toEqual(["b"]);
});
