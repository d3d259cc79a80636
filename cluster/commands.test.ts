import { expect, test } from "vitest";
import { CommandError, run, succeeds } from "./commands.ts";

test("what a command prints is the result, and what it reads can be given", async () => {
  expect(await run(["cat"], { input: "hello\n" })).toBe("hello\n");
  expect(await run(["sh", "-c", "echo $NAME"], { env: { NAME: "eve" } })).toBe("eve\n");
});

test("a command that does not read its input is no failure of ours", async () => {
  expect(await run(["true"], { input: "x".repeat(1_000_000) })).toBe("");
});

test("a failure tells the command without its flags, the exit status and the last words", async () => {
  const failing = run(["/bin/sh", "-c", "echo out; echo why >&2; exit 3", "deploy"]);
  await expect(failing).rejects.toThrow(
    'Cannot run "sh echo out; echo why >&2; exit 3 deploy": exit status 3\nwhy',
  );
  await expect(failing).rejects.toMatchObject({ exitCode: 3, stdout: "out\n", stderr: "why\n" });
});

test("whether a command succeeds is an answer; that there is no such command is a failure", async () => {
  expect(await succeeds(["true"])).toBe(true);
  expect(await succeeds(["false"])).toBe(false);
  await expect(succeeds(["no-such-program"])).rejects.toThrow("ENOENT");
  await expect(succeeds(["no-such-program"])).rejects.not.toBeInstanceOf(CommandError);
});
