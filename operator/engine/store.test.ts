import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "./object.ts";
import { byController, type IndexFunction } from "./object-index.ts";
import { createStore, type StoreChange } from "./store.ts";

function object(name: string, version: number, uid = `uid-${name}`, owner?: string): KubernetesObject {
  const reference = { apiVersion: "v1", kind: "Thing", name: "o", uid: owner ?? "", controller: true };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace: "default",
      uid,
      resourceVersion: String(version),
      labels: { app: `app-${version}` },
      ...(owner !== undefined && {
        ownerReferences: [{ ...reference, controller: false, uid: "no" }, reference],
      }),
    },
  };
}

const byApp: IndexFunction = ({ metadata }) => [metadata.labels?.["app"] ?? ""];

function createRig() {
  const errors: unknown[] = [];
  const store = createStore({
    indexes: { controller: byController, app: byApp },
    onListenerError: (error) => errors.push(error),
  });
  const changes: string[] = [];
  store.onChange((change) => changes.push(brief(change)));
  const take = () => changes.splice(0);
  return { store, take, errors };
}

const brief = (change: StoreChange) => {
  const { name, resourceVersion } = change.object.metadata;
  const before = change.kind === "updated" ? `${change.previous.metadata.resourceVersion}->` : "";
  return `${change.kind} ${name}@${before}${resourceVersion}`;
};

describe("changes", () => {
  test("an object is added, updated and deleted", () => {
    const { store, take } = createRig();
    store.changed(object("a", 1));
    store.changed(object("a", 2));
    store.deleted(object("a", 3));
    expect(take()).toEqual(["added a@1", "updated a@1->2", "deleted a@3"]);
    expect(store.size).toBe(0);
  });

  test("what is known already, or older, is no news", () => {
    const { store, take } = createRig();
    store.changed(object("a", 12));
    take();
    store.changed(object("a", 12));
    store.changed(object("a", 9));
    expect(take()).toEqual([]);
    expect(store.get("a", "default")?.metadata.resourceVersion).toBe("12");
  });

  test("a re-created object is a deleted one and a new one", () => {
    const { store, take } = createRig();
    store.changed(object("a", 1, "first"));
    store.changed(object("a", 5, "second"));
    expect(take()).toEqual(["added a@1", "deleted a@1", "added a@5"]);
    store.deleted(object("a", 6, "first"));
    expect(take()).toEqual([]);
    expect(store.get("a", "default")?.metadata.uid).toBe("second");
  });

  test("a replacement tells only what differs: deletes first", () => {
    const { store, take } = createRig();
    store.replaced([object("gone", 1), object("same", 2), object("changed", 3), object("recreated", 4)]);
    take();
    store.replaced([
      object("new", 9),
      object("same", 2),
      object("changed", 8),
      object("recreated", 7, "other"),
    ]);
    expect(take()).toEqual([
      "deleted gone@1",
      "added new@9",
      "updated changed@3->8",
      "deleted recreated@4",
      "added recreated@7",
    ]);
  });

  test("what only a later replacement shows counts as missed", () => {
    const { store } = createRig();
    store.replaced([object("a", 1), object("b", 1)]);
    store.changed(object("a", 2));
    expect(store.missedChanges).toBe(0);
    store.replaced([object("a", 2), object("c", 3)]);
    store.changed(object("c", 4));
    expect(store.missedChanges).toBe(2);
  });

  test("cluster-scoped objects and namespaces do not mix", () => {
    const { store } = createRig();
    const { namespace, ...metadata } = object("a", 1).metadata;
    store.changed({ apiVersion: "v1", kind: "Node", metadata });
    expect(namespace).toBe("default");
    expect(store.get("a")).toBeDefined();
    expect(store.get("a", "default")).toBeUndefined();
  });
});

describe("indexes", () => {
  test("find by controller and by label, and follow every change", () => {
    const { store } = createRig();
    store.replaced([
      object("a", 1, "1", "owner"),
      object("b", 1, "2", "owner"),
      object("c", 2, "3", "other"),
    ]);
    const find = (value: string) => store.find("controller", value).map(({ metadata }) => metadata.name);
    expect(find("owner")).toEqual(["a", "b"]);
    store.changed(object("a", 3, "1", "other"));
    store.deleted(object("b", 4, "2", "owner"));
    expect(find("owner")).toEqual([]);
    expect(find("other").sort()).toEqual(["a", "c"]);
    expect(find("no")).toEqual([]);
    expect(store.find("app", "app-2").map(({ metadata }) => metadata.name)).toEqual(["c"]);
  });

  test("agree with a look at every object, whatever happens", () => {
    const event = fc.record({
      deletes: fc.boolean(),
      name: fc.constantFrom("a", "b", "c"),
      uid: fc.constantFrom("1", "2"),
      owner: fc.constantFrom("x", "y", undefined),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { store } = createRig();
        for (const [version, { deletes, name, uid, owner }] of events.entries()) {
          store[deletes ? "deleted" : "changed"](object(name, version + 1, uid, owner));
        }
        for (const owner of ["x", "y"]) {
          const expected = store.list().filter((candidate) => byController(candidate).includes(owner));
          expect(new Set(store.find("controller", owner))).toEqual(new Set(expected));
        }
      }),
    );
  });
});

describe("listeners", () => {
  test("one that throws stops neither the others nor the store", () => {
    const { store, take, errors } = createRig();
    const failure = new Error("listener");
    store.onChange(() => {
      throw failure;
    });
    const after: string[] = [];
    store.onChange((change) => after.push(brief(change)));
    store.replaced([object("a", 1), object("b", 1)]);
    expect(errors).toEqual([failure, failure]);
    expect(after).toEqual(["added a@1", "added b@1"]);
    expect(take()).toEqual(after);
  });

  test("see the store as it is after the change, and can leave", () => {
    const { store } = createRig();
    const sizes: number[] = [];
    const leave = store.onChange(() => sizes.push(store.size));
    store.changed(object("a", 1));
    store.deleted(object("a", 2));
    leave();
    store.changed(object("b", 3));
    expect(sizes).toEqual([1, 0]);
  });
});

test("synced from the first replacement on, also an empty one", async () => {
  const { store } = createRig();
  store.changed(object("a", 1));
  expect(store.hasSynced()).toBe(false);
  const synced = store.whenSynced();
  store.replaced([]);
  await synced;
  expect(store.hasSynced()).toBe(true);
});
