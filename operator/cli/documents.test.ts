import { expect, test } from "vitest";
import { readDocuments } from "./documents.ts";

const HEAD = "apiVersion: sse-operator.dev/v1alpha1\nkind: SseService\n";
const read = (...texts: string[]) =>
  readDocuments(
    texts.map((text, index) => ({ name: `${index + 1}.yaml`, text })),
    { namespace: "shop", uid: "" },
  );

test("several documents of several files, with the namespace that they lack", () => {
  const { documents, problems } = read(
    `${HEAD}metadata: {name: a}\n---\n${HEAD}metadata: {name: b, namespace: other}\nspec: {replicas: 2}\n`,
    `${HEAD}metadata: {name: c}\n`,
  );
  expect(problems).toEqual([]);
  expect(documents.map(({ place, service }) => `${place}: ${service.namespace}/${service.name}`)).toEqual([
    "1.yaml, document 1: shop/a",
    "1.yaml, document 2: other/b",
    "2.yaml, document 1: shop/c",
  ]);
});

test("what the API server adds to an object is passed over, but for its uid", () => {
  const { documents } = read(
    `${HEAD}metadata: {name: a, uid: "1", resourceVersion: "7", labels: {x: z}}\nstatus: {backplane: Managed}\n`,
  );
  expect(documents[0]?.service).toMatchObject({ uid: "1", backplane: { kind: "Managed" } });
  expect(documents[0]?.resource.metadata).toEqual({ name: "a", namespace: "shop", labels: { x: "z" } });
});

test("objects of other kinds may stand beside", () => {
  const { documents, problems } = read(`kind: Secret\n---\n---\n${HEAD}metadata: {name: a}\n`);
  expect(problems).toEqual([]);
  expect(documents.map(({ place }) => place)).toEqual(["1.yaml, document 3"]);
});

test.each([
  [
    `${HEAD}metadata: {name: a}\nspec: {replica: 2}\n`,
    '1.yaml, document 1: spec: Unrecognized key: "replica"',
  ],
  [`${HEAD}metadata: {name: a}\nSpec: {}\n`, "1.yaml, document 1: Spec: there is no such field"],
  [`${HEAD}metadata: {}\n`, "1.yaml, document 1: metadata.name: "],
  [`${HEAD}metadata: {name: 1st}\n`, "1.yaml, document 1: metadata.name: must start with a letter"],
  [`${HEAD}metadata: {name: a, labels: {x: 1}}\n`, "1.yaml, document 1: metadata.labels.x: "],
  [`${HEAD.replace("v1alpha1", "v1")}metadata: {name: a}\n`, "1.yaml, document 1: apiVersion: "],
  ["kind: SseService\n---\na: [", "1.yaml, document 2: "],
  ["kind: ConfigMap\n", "Cannot find an SseService in 1.yaml"],
  ["", "Cannot find an SseService in 1.yaml"],
])("%j is refused with its place", (text, problem) => {
  expect(read(text).problems.join("\n")).toContain(problem);
});

test("every problem of every file is told", () => {
  const wrong = `${HEAD}metadata: {name: a}\nspec: {page: On, stream: {heartbeatSeconds: 0}}\n`;
  expect(read(wrong, wrong).problems.map((problem) => problem.split(": ").slice(0, 2).join(": "))).toEqual([
    "1.yaml, document 1: spec.stream.heartbeatSeconds",
    "1.yaml, document 1: spec.page",
    "2.yaml, document 1: spec.stream.heartbeatSeconds",
    "2.yaml, document 1: spec.page",
  ]);
});
