import { describe, expect, test } from "vitest";
import { RELEASE } from "#operator/install/release.ts";
import { parseCommandLine } from "./command-line.ts";
import { COMMAND_HELP, HELP, WORDS } from "./help.ts";

const parse = (line: string, environment = {}) =>
  parseCommandLine(
    line.split(" ").filter((word) => word !== ""),
    environment,
  );

test.each(["", "help", "--help", "-h"])('"%s" shows what there is', (line) => {
  expect(parse(line)).toEqual({ word: "help", text: HELP });
  for (const word of WORDS) expect(HELP).toContain(`  ${word} `);
});

test.each(WORDS)("%s --help explains it, with its exit status where it has more than one", (word) => {
  expect(parse(`${word} --help`)).toEqual({ word: "help", text: COMMAND_HELP[word] });
  expect(parse(`${word} --nonsense -h`)).toEqual({ word: "help", text: COMMAND_HELP[word] });
});

describe("what can't be read is named", () => {
  test.each([
    ["rum", 'Cannot run "rum": the commands are run, render, diff, install, crd'],
    ["render", "-f FILE is missing"],
    ["render -f", "-f"],
    ["render x.yaml -f y.yaml", "x.yaml"],
    ["render -f x.yaml --uid 1", "--uid"],
    ["run --now", "--now"],
    ["crd all", "all"],
    ["install --follow-nodes", "--follow-nodes goes with --namespace"],
  ])("%s", (line, words) => {
    expect(parse(line)).toHaveProperty("problem", expect.stringContaining(words));
  });
});

test("several files, and the standard input", () => {
  expect(parse("render -f a.yaml --filename=- -n shop")).toEqual({
    word: "render",
    files: ["a.yaml", "-"],
    namespace: "shop",
    installation: {
      images: { runtime: RELEASE.images.runtime, nginx: RELEASE.images.nginx, valkey: RELEASE.images.valkey },
      namespace: "sse-operator",
    },
  });
});

test("images come from the options, else from the environment, else from the release", () => {
  const environment = { SSE_RUNTIME_IMAGE: "env/runtime:2", SSE_NGINX_IMAGE: "env/nginx:2" };
  expect(parse("diff --runtime-image my/runtime:3", environment)).toMatchObject({
    installation: {
      images: { runtime: "my/runtime:3", nginx: "env/nginx:2", valkey: RELEASE.images.valkey },
    },
  });
});

test.each([
  ["diff", {}, "sse-operator"],
  ["render -f x.yaml", { POD_NAMESPACE: "own" }, "own"],
  ["diff --operator-namespace shop", { POD_NAMESPACE: "own" }, "shop"],
])("%s with %o goes by an operator in %s", (line, environment, own) => {
  expect(parse(line, environment)).toMatchObject({ installation: { namespace: own } });
});

test.each([
  ["diff", {}, true],
  ["diff --without-nodes", {}, false],
  ["diff", { FOLLOW_NODES: "false" }, false],
])("%s with %o follows the nodes: %s", (line, environment, followsNodes) => {
  expect(parse(line, environment)).toMatchObject({ followsNodes, files: [] });
});

test("an installation is for the cluster, or for one namespace", () => {
  expect(parse("install")).toEqual({ word: "install", options: RELEASE, withCrd: true });
  expect(parse("install -n shop --without-crd --operator-image my/operator:3")).toMatchObject({
    options: {
      namespace: "shop",
      scope: { kind: "Namespace", namespace: "shop", followsNodes: false },
      images: { operator: "my/operator:3" },
    },
    withCrd: false,
  });
  expect(parse("install -n shop --follow-nodes")).toMatchObject({
    options: { scope: { followsNodes: true } },
  });
});
