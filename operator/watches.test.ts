import { expect, test } from "vitest";
import { createFakeCluster } from "./test/fake-cluster.ts";
import { createWatches } from "./watches.ts";

test("the states are those of every watch, of the Secrets that are named too, while they are", () => {
  const watches = createWatches({
    cluster: createFakeCluster(),
    namespace: undefined,
    followsNodes: true,
    onChildDeleted: () => undefined,
    enqueue: () => undefined,
    onInterrupted: () => undefined,
    onListenerError: () => undefined,
  });
  const kinds = () => watches.states().map(({ kind }) => kind);
  const secrets = () => kinds().filter((kind) => kind === "Secret").length;
  expect(kinds()).toEqual([]);
  watches.start();
  expect(kinds()).toEqual(expect.arrayContaining(["SseService", "Deployment", "Pod", "Node"]));
  expect(secrets()).toBe(1);
  watches.followSecrets("shop/demo", ["one", "two"]);
  expect(secrets()).toBe(3);
  watches.followSecrets("shop/demo", ["two"]);
  expect(secrets()).toBe(2);
});
