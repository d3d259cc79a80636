import { expect, test } from "vitest";
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import { refOf } from "#operator/engine/object.ts";
import { describeDiffs } from "./describe-diff.ts";
import type { RehearsedWrite } from "./rehearsal.ts";

function object(kind: string, content: object, version = "1"): KubernetesObject {
  const metadata = { name: "demo", namespace: "shop", resourceVersion: version, managedFields: [] };
  return { apiVersion: "v1", kind, metadata, status: { version }, ...content };
}

function write(before: KubernetesObject | undefined, after: KubernetesObject | undefined): RehearsedWrite {
  const some = after ?? before;
  if (some === undefined) throw new Error("Cannot write nothing");
  return { ref: refOf(some), desired: after, before, after };
}

const describe = (writes: RehearsedWrite[], status?: object) =>
  describeDiffs([{ key: "shop/demo", writes, status }]);

const pods = (image: string, replicas = 1) => ({ spec: { replicas, template: { spec: { image } } } });

test("bookkeeping and status are no difference", () => {
  expect(
    describe([write(object("ConfigMap", { data: {} }, "1"), object("ConfigMap", { data: {} }, "2"))]),
  ).toEqual({
    text: "SseService shop/demo: nothing would change",
    differs: false,
  });
});

test("a change is shown line by line", () => {
  const { text, differs } = describe([
    write(
      object("ConfigMap", { data: { conf: "a\nb\n" } }),
      object("ConfigMap", { data: { conf: "a\nc\n" } }),
    ),
  ]);
  expect(differs).toBe(true);
  expect(text).toContain(
    "SseService shop/demo: 1 object would change; no pod would be replaced\n  change ConfigMap demo\n",
  );
  expect(text).toMatch(/-\s+b\n.*\+\s+c$/m);
});

test("another template replaces pods, another number of them does not", () => {
  const replaced = describe([write(object("Deployment", pods("a")), object("Deployment", pods("b")))]);
  expect(replaced.text).toContain("the pods of Deployment demo would be replaced");
  const scaled = describe([write(object("StatefulSet", pods("a", 1)), object("StatefulSet", pods("a", 2)))]);
  expect(scaled.text).toContain("no pod would be replaced");
});

test("what is new and what goes", () => {
  const { text } = describe([
    write(undefined, object("ConfigMap", { data: { key: "value" } })),
    write(object("Service", {}), undefined),
  ]);
  expect(text).toContain("2 objects would change");
  expect(text).toMatch(/create ConfigMap demo\n[^]*\+ +key: value/);
  expect(text).toMatch(/delete Service demo$/);
});

test("values of Secrets are never shown, only whether they change", () => {
  const secret = (data: object) => object("Secret", { data });
  const { text } = describe([
    write(secret({ same: "b25l", old: "dHdv", gone: "c2l4" }), secret({ same: "b25l", old: "bmV3" })),
    write(undefined, secret({ token: "dG9w" })),
  ]);
  for (const value of ["b25l", "dHdv", "c2l4", "bmV3", "dG9w"]) expect(text).not.toContain(value);
  expect(text).toMatch(
    /- +old: "\*\*\* \(before\)"\n.*- +gone: "\*\*\* \(before\)"\n.*\+ +old: "\*\*\* \(after\)"/,
  );
});

test("what keeps the operator from it is told", () => {
  const status = {
    conditions: [{ type: "Stalled", status: "True", reason: "NotOwned", message: "rename it" }],
  };
  expect(describe([], status).text).toBe(
    "SseService shop/demo: nothing would change; it would stall: NotOwned: rename it",
  );
});
