import { describe, expect, test } from "vitest";
import { createAppliedMemo } from "./applied-memo.ts";
import { ClusterError } from "./cluster.ts";
import { executePlan, type Outcome } from "./execute.ts";
import { type DesiredObject, formatRef, type KubernetesObject, refOf } from "./object.ts";
import type { Owner } from "./ownership.ts";
import { type Action, planChildren } from "./plan.ts";
import { FIELD_MANAGER, World } from "./world.ts";

const OWNER: Owner = { apiVersion: "example.dev/v1", kind: "Thing", name: "demo", uid: "owner-uid" };
const STRANGER = { ...OWNER, name: "other", uid: "stranger-uid" };

const STAMP = "example.dev/stamp";

function child(name: string, data: Record<string, string> = {}, owner = OWNER): DesiredObject {
  const metadata = { name, namespace: "default", ownerReferences: [{ ...owner, controller: true }] };
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
  return object;
}

/** The same with its stamp: an annotation that tells its content. */
function stamped(name: string, data: Record<string, string> = {}): DesiredObject {
  const object = child(name, data);
  return { ...object, metadata: { ...object.metadata, annotations: { [STAMP]: JSON.stringify(data) } } };
}

/** An operator that plans and executes against a world that its watch always shows as it is. */
function createOperator(world: World) {
  let nowMs = 0;
  const memo = createAppliedMemo({ fieldManager: FIELD_MANAGER, stampAnnotation: STAMP, now: () => nowMs });
  return {
    memo,
    wait: (ms: number) => {
      nowMs += ms;
    },
    plan: (desired: DesiredObject[], observed = world.observe()) =>
      planChildren({ owner: OWNER, desired, observed, memo }),
    async run(desired: DesiredObject[], observed = world.observe()): Promise<Outcome[]> {
      world.writes.length = 0;
      return executePlan(
        { cluster: world, owner: OWNER, memo },
        planChildren({ owner: OWNER, desired, observed, memo }),
      );
    },
  };
}

const names = (actions: Action[]) =>
  actions.map((action) =>
    action.kind === "apply"
      ? `apply ${action.object.metadata.name} ${action.reason}`
      : `${action.kind} ${action.ref.name}`,
  );

describe("a world and the writes to it", () => {
  const a = child("a", { k: "1" });
  const b = child("b", { k: "1" });

  const cases: {
    title: string;
    before?: (world: World) => void;
    desired?: DesiredObject[];
    writes: string[];
  }[] = [
    { title: "nothing differs", writes: [] },
    {
      title: "somebody changed a field of ours",
      before: (world) => world.takeFields(refOf(a)),
      writes: ["apply a ownedFieldsChanged"],
    },
    {
      title: "somebody touched only fields of their own",
      before: (world) => world.touch(refOf(a)),
      writes: [],
    },
    {
      title: "the spec asks for another value",
      desired: [child("a", { k: "2" }), b],
      writes: ["apply a desiredChanged"],
    },
    { title: "the spec names a field no more", desired: [child("a"), b], writes: ["apply a desiredChanged"] },
    { title: "the spec wants one child less", desired: [a], writes: ["delete b"] },
    { title: "the spec wants one child more", desired: [a, b, child("c")], writes: ["apply c missing"] },
    {
      title: "somebody re-created a child",
      before: (world) => {
        world.remove(refOf(a));
        world.put({ ...child("a") });
      },
      writes: ["apply a recreated"],
    },
    {
      title: "a child is going away",
      before: (world) => {
        const [first] = world.observe();
        if (first)
          world.put({ ...first, metadata: { ...first.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
      },
      desired: [child("a", { k: "2" }), b],
      writes: [],
    },
  ];

  test.each(cases)("$title", async ({ before, desired = [a, b], writes }) => {
    const world = new World();
    const operator = createOperator(world);
    await operator.run([a, b]);
    before?.(world);
    expect(names(operator.plan(desired))).toEqual(writes);
    await operator.run(desired);
    const isGoingAway = world.observe().some(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(isGoingAway ? [] : names(operator.plan(desired))).toEqual([]);
  });

  test("creates in the desired order, after a look at each name", async () => {
    const world = new World();
    const outcomes = await createOperator(world).run([b, a]);
    expect(world.writes).toEqual(["apply v1/ConfigMap default/b", "apply v1/ConfigMap default/a"]);
    expect(world.reads).toEqual(["v1/ConfigMap default/b", "v1/ConfigMap default/a"]);
    expect(outcomes).toMatchObject([
      { kind: "applied", reason: "missing" },
      { kind: "applied", reason: "missing" },
    ]);
  });

  test("a new process applies once what has no stamp, and then nothing", async () => {
    const world = new World();
    await createOperator(world).run([a, b]);
    const next = createOperator(world);
    expect(names(next.plan([a, b]))).toEqual(["apply a unknown", "apply b unknown"]);
    const before = world.observe();
    await next.run([a, b]);
    expect(world.observe()).toEqual(before);
    expect(next.plan([a, b])).toEqual([]);
  });
});

describe("a new process", () => {
  const a = stamped("a", { k: "1" });

  const cases: [string, (world: World) => void, DesiredObject, string[]][] = [
    ["knows by its stamp what an earlier one applied", () => {}, a, []],
    ["sees what fields others have added", (world) => world.touch(refOf(a)), a, []],
    [
      "applies what somebody changed meanwhile",
      (world) => world.takeFields(refOf(a)),
      a,
      ["apply a ownedFieldsChanged"],
    ],
    ["applies what it wants otherwise", () => {}, stamped("a", { k: "2" }), ["apply a desiredChanged"]],
    [
      "applies what somebody made anew",
      (world) => {
        world.remove(refOf(a));
        world.put(child("a"));
      },
      a,
      ["apply a unknown"],
    ],
  ];

  test.each(cases)("%s", async (_, before, desired, planned) => {
    const world = new World();
    await createOperator(world).run([a]);
    before(world);
    expect(names(createOperator(world).plan([desired]))).toEqual(planned);
  });
});

describe("an object that is not ours", () => {
  const strangers: [string, KubernetesObject][] = [
    ["another controller's", child("a", {}, STRANGER)],
    ["nobody's", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } }],
  ];

  test.each(strangers)("%s is refused, whether the watch shows it or not", async (_, stranger) => {
    const world = new World();
    world.put(stranger);
    const operator = createOperator(world);
    expect(await operator.run([child("a")])).toMatchObject([{ kind: "refused", ref: { name: "a" } }]);
    expect(await operator.run([child("a")], [])).toMatchObject([{ kind: "refused", ref: { name: "a" } }]);
    expect(world.writes).toEqual([]);
  });

  test("is not deleted either", () => {
    const world = new World();
    for (const [, stranger] of strangers)
      world.put({ ...stranger, metadata: { ...stranger.metadata, name: stranger.kind } });
    expect(createOperator(world).plan([])).toEqual([]);
  });

  test("refused: the controller is named", () => {
    const world = new World();
    world.put(child("a", {}, STRANGER));
    expect(createOperator(world).plan([child("a")])).toMatchObject([
      { kind: "refuse", controller: { name: "other" } },
    ]);
  });
});

describe("a watch that lags behind our own writes", () => {
  test("causes no second apply while it still shows the state before the first", async () => {
    const world = new World();
    const operator = createOperator(world);
    await operator.run([child("a", { k: "1" })]);
    const before = world.observe();
    await operator.run([child("a", { k: "2" })]);
    expect(operator.plan([child("a", { k: "2" })], before)).toEqual([]);
    expect(names(operator.plan([child("a", { k: "3" })], before))).toEqual(["apply a desiredChanged"]);
  });

  test("causes no second creation while it does not show the first, for a while", async () => {
    const world = new World();
    const operator = createOperator(world);
    const desired = [child("a")];
    await operator.run(desired);
    expect(operator.plan(desired, [])).toEqual([]);
    operator.wait(10_000);
    expect(names(operator.plan(desired, []))).toEqual(["apply a missing"]);
  });

  test("a child that is seen deleted is forgotten and made again at once", async () => {
    const world = new World();
    const operator = createOperator(world);
    await operator.run([child("a")]);
    operator.memo.forget(refOf(child("a")));
    expect(names(operator.plan([child("a")], []))).toEqual(["apply a missing"]);
    expect(operator.memo.size).toBe(0);
  });
});

describe("execution", () => {
  const refused = new ClusterError("Forbidden", "no");

  test("goes on after a failure, tells every outcome, and tries again what failed", async () => {
    const world = new World();
    const operator = createOperator(world);
    await operator.run([child("old"), child("a")]);
    world.failNext(refOf(child("b")), refused);
    world.failNext(refOf(child("old")), refused);
    const outcomes = await operator.run([child("b"), child("c")]);
    expect(outcomes.map((outcome) => [outcome.kind, outcome.ref.name])).toEqual([
      ["failed", "b"],
      ["applied", "c"],
      ["failed", "old"],
      ["deleted", "a"],
    ]);
    expect(outcomes[0]).toMatchObject({ during: "apply", error: refused });
    expect(outcomes[2]).toMatchObject({ during: "delete", error: refused });
    expect(names(operator.plan([child("b"), child("c")]))).toEqual(["apply b missing", "delete old"]);
  });

  test("an apply whose object was replaced meanwhile is a conflict, not an adoption", async () => {
    const world = new World();
    const operator = createOperator(world);
    await operator.run([child("a", { k: "1" })]);
    const actions = operator.plan([child("a", { k: "2" })]);
    world.remove(refOf(child("a")));
    world.put(child("a", {}, STRANGER));
    const outcomes = await executePlan({ cluster: world, owner: OWNER, memo: operator.memo }, actions);
    expect(outcomes).toMatchObject([{ kind: "failed", error: { kind: "Conflict" } }]);
  });

  test("what is no error of the cluster is a bug, and is thrown", async () => {
    const world = new World();
    world.failNext(refOf(child("a")), new TypeError("bug"));
    await expect(createOperator(world).run([child("a")])).rejects.toThrow("bug");
  });
});

test("objects are named by kind, namespace and name", () => {
  expect(formatRef(refOf(child("a")))).toBe("v1/ConfigMap default/a");
  expect(formatRef({ apiVersion: "v1", kind: "Node", name: "n" })).toBe("v1/Node n");
});
