import { describe, expect, test } from "vitest";
import { ownsExactly } from "./owned-fields.ts";

const metadata = { name: "x", namespace: "default", labels: { a: "1" } };
const ownsLabel = { "f:metadata": { "f:labels": { "f:a": {} } } };

const container = { name: "web", image: "web:1", ports: [{ containerPort: 80 }] };
const ownsContainer = {
  'k:{"name":"web"}': {
    ".": {},
    "f:name": {},
    "f:image": {},
    "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
  },
};

const exact: [string, object, unknown][] = [
  ["members", { data: { k: "v" } }, { "f:data": { "f:k": {} } }],
  ["a map that is one piece", { selector: { a: "1", b: "2" } }, { "f:selector": {} }],
  ["a list that is one piece", { args: ["x", "y"] }, { "f:args": {} }],
  ["an empty map", { volume: { emptyDir: {} } }, { "f:volume": { "f:emptyDir": {} } }],
  [
    "a list with keys, of which one has its default",
    { containers: [container] },
    { "f:containers": ownsContainer },
  ],
  ["a set of values", { finalizers: ["a", "b"] }, { "f:finalizers": { 'v:"b"': {}, 'v:"a"': {} } }],
  ["a list by place", { list: ["a", "b"] }, { "f:list": { "i:0": {}, "i:1": {} } }],
  ["a field that is undefined, and so not sent", { data: undefined }, {}],
];

const different: [string, object, unknown][] = [
  ["a member that somebody took", { data: { k: "v", l: "w" } }, { "f:data": { "f:k": {} } }],
  ["a member that is not wanted any more", { data: { k: "v" } }, { "f:data": { "f:k": {}, "f:l": {} } }],
  ["a whole map that somebody took", { data: { k: "v" } }, {}],
  [
    "an item whose fields somebody took",
    { containers: [container] },
    { "f:containers": { 'k:{"name":"web"}': { ".": {} } } },
  ],
  ["an item that is not wanted any more", { containers: [] }, { "f:containers": ownsContainer }],
  [
    "an item under another key",
    { containers: [{ ...container, name: "other" }] },
    { "f:containers": ownsContainer },
  ],
  ["a value that is not in the set", { finalizers: ["a"] }, { "f:finalizers": { 'v:"b"': {} } }],
  ["a map in place of a value", { data: "v" }, { "f:data": { "f:k": {} } }],
];

describe("the record of owned fields", () => {
  test.each(exact)("names exactly: %s", (_, object, fields) => {
    expect(ownsExactly({ ...ownsLabel, ...(fields as object) }, { metadata, ...object })).toBe(true);
  });

  test.each(different)("tells: %s", (_, object, fields) => {
    expect(ownsExactly({ ...ownsLabel, ...(fields as object) }, { metadata, ...object })).toBe(false);
  });

  test("is none when there is none", () => {
    expect(ownsExactly(undefined, { metadata })).toBe(false);
  });
});
