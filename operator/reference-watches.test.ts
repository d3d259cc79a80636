import { expect, test } from "vitest";
import type { ObjectQuery } from "./engine/cluster.ts";
import { createReferenceWatches } from "./reference-watches.ts";
import type { ForeignObject } from "./sseservice/references.ts";
import { createFakeCluster } from "./test/fake-cluster.ts";

const SECRET: ForeignObject = { kind: "Secret", name: "one" };
const CONFIG_MAP: ForeignObject = { kind: "ConfigMap", name: "one" };

function setUp() {
  const cluster = createFakeCluster();
  /** Of the watches that are open. */
  const open = new Set<ObjectQuery>();
  const enqueued: string[] = [];
  const watches = createReferenceWatches({
    cluster: {
      watch: (query, sink) => {
        open.add(query);
        const watch = cluster.watch(query, sink);
        return {
          health: () => watch.health(),
          stop: () => {
            open.delete(query);
            watch.stop();
          },
        };
      },
    },
    enqueue: (key) => enqueued.push(key),
    onInterrupted: () => undefined,
    onListenerError: () => undefined,
  });
  /** Whom a change of the object enqueues. */
  const change = ({ kind, name }: ForeignObject, namespace = "shop") => {
    cluster.put({ apiVersion: "v1", kind, metadata: { name, namespace, uid: "uid" } });
    return enqueued.splice(0);
  };
  const kinds = () => [...open].map(({ kind }) => kind);
  return { cluster, open, kinds, enqueued, watches, change };
}

test("the object that is named is followed, by its metadata only", () => {
  const { open, watches } = setUp();
  watches.follow("shop/demo", "shop", [SECRET, CONFIG_MAP]);
  const query = {
    apiVersion: "v1",
    metadataOnly: true,
    namespace: "shop",
    fieldSelector: "metadata.name=one",
  };
  expect([...open]).toEqual([
    { ...query, kind: "Secret" },
    { ...query, kind: "ConfigMap" },
  ]);
});

test.each([SECRET, CONFIG_MAP])(
  "its coming, changing and going enqueue the service: $kind",
  async (object) => {
    const { cluster, enqueued, watches, change } = setUp();
    watches.follow("shop/demo", "shop", [object]);
    expect(change(object)).toEqual(["shop/demo"]);
    expect(change(object)).toEqual(["shop/demo"]);
    await cluster.delete({ apiVersion: "v1", namespace: "shop", ...object });
    expect(enqueued).toEqual(["shop/demo"]);
  },
);

test("another kind, name or namespace is another object", () => {
  const { watches, change } = setUp();
  watches.follow("shop/demo", "shop", [SECRET]);
  watches.follow("market/demo", "market", [SECRET]);
  expect(change(CONFIG_MAP)).toEqual([]);
  expect(change({ ...SECRET, name: "two" })).toEqual([]);
  expect(change(SECRET, "shop")).toEqual(["shop/demo"]);
  expect(change(SECRET, "market")).toEqual(["market/demo"]);
});

test("services that name one object share its watch, which lasts as long as one of them does", () => {
  const { kinds, watches, change } = setUp();
  watches.follow("shop/a", "shop", [SECRET]);
  watches.follow("shop/b", "shop", [SECRET, SECRET]);
  expect(kinds()).toEqual(["Secret"]);
  expect(change(SECRET)).toEqual(["shop/a", "shop/b"]);
  watches.follow("shop/a", "shop", []);
  expect(change(SECRET)).toEqual(["shop/b"]);
  watches.follow("shop/b", "shop", [CONFIG_MAP]);
  expect(kinds()).toEqual(["ConfigMap"]);
});

test("a watch that nobody needs any more is stopped, and so is every one at the end", () => {
  const { kinds, watches } = setUp();
  watches.follow("shop/demo", "shop", [SECRET, CONFIG_MAP]);
  watches.follow("shop/demo", "shop", [CONFIG_MAP]);
  expect(kinds()).toEqual(["ConfigMap"]);
  watches.stop();
  expect(kinds()).toEqual([]);
});
