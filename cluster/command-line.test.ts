import { expect, test } from "vitest";
import { withFlags } from "./command-line.ts";

test("flags follow the program, one with several values several times, one without any never", () => {
  const command = withFlags(["tool", "build"], { layers: true, port: 0, tag: ["a", "b"], mount: [] });
  expect(command).toEqual(["tool", "build", "--layers=true", "--port=0", "--tag=a", "--tag=b"]);
});
