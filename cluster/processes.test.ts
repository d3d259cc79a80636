import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseStat } from "./process-records.ts";
import {
  freezeProcess,
  isRunning,
  type ProcessSpec,
  runningPid,
  startProcess,
  stopProcess,
  thawProcess,
  waitForProcess,
} from "./processes.ts";
import { until } from "./wait.ts";

let folder: string;
let spec: ProcessSpec;

const shell = (script: string): ProcessSpec => ({ ...spec, command: ["sh", "-c", script] });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "processes-test-"));
  const [logPath, recordPath] = [join(folder, "it.log"), join(folder, "run", "it")];
  spec = { name: "it", command: ["sleep", "60"], logPath, recordPath };
});

afterEach(async () => {
  await stopProcess(spec.recordPath, 0);
  await rm(folder, { recursive: true });
});

test("a started process is found by its record, and gone after stop", async () => {
  await startProcess(spec);
  const pid = await runningPid(spec.recordPath);
  // Until the shell that wrote the record has become the program.
  await expect.poll(() => readFile(`/proc/${pid}/cmdline`, "utf8")).toBe("sleep\u000060\u0000");
  await stopProcess(spec.recordPath);
  expect(await isRunning(spec.recordPath)).toBe(false);
});

test("a stranger that got the pid later is not taken for ours", async () => {
  await startProcess(spec);
  const record = await readFile(spec.recordPath, "utf8");
  const startTime = parseStat(record.split("\n")[1] ?? "")?.startTime ?? "";
  await writeFile(spec.recordPath, record.replace(` ${startTime} `, " 1 "));
  expect(await isRunning(spec.recordPath)).toBe(false);
  await writeFile(spec.recordPath, record.replace(/^.*\n/, "another boot\n"));
  expect(await isRunning(spec.recordPath)).toBe(false);
  await writeFile(spec.recordPath, record);
  expect(await isRunning(spec.recordPath)).toBe(true);
});

test("a process that does not heed SIGTERM is ended by force", async () => {
  await startProcess(shell("trap '' TERM; echo ready; while :; do sleep 0.1; done"));
  await until("trap is set", async () => (await readFile(spec.logPath, "utf8")) !== "", { timeoutMs: 5_000 });
  await stopProcess(spec.recordPath, 200);
  expect(await isRunning(spec.recordPath)).toBe(false);
});

test("a frozen process stands still until it is thawed, and can be stopped while it is frozen", async () => {
  await startProcess(spec);
  const state = async (): Promise<string | undefined> =>
    parseStat(await readFile(`/proc/${await runningPid(spec.recordPath)}/stat`, "utf8"))?.state;
  await freezeProcess(spec.recordPath);
  await until("it stops", async () => (await state()) === "T", { timeoutMs: 5_000 });
  await thawProcess(spec.recordPath);
  await until("it goes on", async () => (await state()) === "S", { timeoutMs: 5_000 });
  await freezeProcess(spec.recordPath);
  await stopProcess(spec.recordPath);
  await expect(freezeProcess(spec.recordPath)).rejects.toThrow("it is not running");
});

test("a process that ends while it is waited for is told at once, with its last words", async () => {
  await startProcess(shell("echo 'no such port' >&2; exit 3"));
  await expect(waitForProcess(spec, () => Promise.resolve(false))).rejects.toThrow(
    /Cannot start "it": it has ended[^]*no such port/,
  );
});

test("a program that is not there is told with its name", async () => {
  await startProcess({ ...spec, command: ["no-such-program"] });
  await expect(waitForProcess(spec, () => Promise.resolve(false))).rejects.toThrow(/no-such-program/);
});
