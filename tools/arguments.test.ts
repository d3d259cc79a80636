import { expect, test } from "vitest";
import { help, parseArguments } from "./arguments.ts";

test.each([
  [[], { word: "help" }],
  [["--help"], { word: "help" }],
  [["up"], { word: "up", context: undefined, registry: undefined }],
  [
    ["up", "--registry", "r.example/x", "--context", "prod"],
    { word: "up", context: "prod", registry: "r.example/x" },
  ],
  [["down"], { word: "down" }],
  [["bench"], { word: "bench", name: undefined }],
  [["bench", "fan-out"], { word: "bench", name: "fan-out" }],
  [["logs"], { word: "logs", part: undefined, follow: false }],
  [["logs", "node1/kubelet", "-f"], { word: "logs", part: "node1/kubelet", follow: true }],
  [["kubectl", "get", "-f", "--help"], { word: "kubectl", args: ["get", "-f", "--help"] }],
])("%j is understood", (words, command) => {
  expect(parseArguments(words)).toEqual({ ok: true, command });
});

test.each([
  [["upp"], 'no word "upp"'],
  [["up", "--contxt", "x"], '"--contxt"'],
  [["up", "--context"], '"--context" needs a value'],
  [["up", "--context", "--registry"], '"--context" needs a value'],
  [["up", "--registry", "x"], '"--context"'],
  [["down", "now"], '"now"'],
  [["test", "unit"], '"unit"'],
  [["bench", "a", "b"], '"a b"'],
  [["logs", "-x"], '"-x"'],
  [["logs", "a", "b"], '"a b"'],
])("%j is refused with what is wrong", (words, problem) => {
  const parsed = parseArguments(words);
  expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
});

test("the help names every word", () => {
  for (const word of ["up", "down", "check", "test", "bench", "kubectl", "logs", "help"]) {
    expect(help).toMatch(new RegExp(`^  ${word} `, "m"));
  }
});
