import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "./commands.ts";
import { withLock } from "./lock.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("one at a time, and the next one also after a failure", async () => {
  const path = join(folder, "lock");
  const events: string[] = [];
  const work = (name: string): Promise<void> =>
    withLock(path, async () => {
      events.push(`${name} begins`);
      await new Promise(setImmediate);
      events.push(`${name} ends`);
      if (name === "a") throw new Error("a fails");
    });
  const results = await Promise.allSettled([work("a"), work("b")]);
  expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(events.map((event) => event.split(" ")[1])).toEqual(["begins", "ends", "begins", "ends"]);
  expect(await readdir(folder)).toEqual([]);
});

test("a lock whose holder was killed is nobody's", async () => {
  const path = join(folder, "lock");
  const holder = spawn("sleep", ["60"]);
  const boot = await run(["cat", "/proc/sys/kernel/random/boot_id"]);
  await writeFile(path, boot + (await run(["cat", `/proc/${holder.pid}/stat`])));
  const ended = new Promise((resolve) => holder.once("exit", resolve));
  holder.kill("SIGKILL");
  await ended;
  expect(await withLock(path, () => Promise.resolve("mine"))).toBe("mine");
});
