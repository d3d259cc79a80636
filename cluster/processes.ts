/**
 * Processes that outlive the command which started them. Each writes its own record (boot, pid, start time)
 * before it becomes the program, so that a later command ends exactly these and never a stranger with a reused pid.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { readLastLines } from "./logs.ts";
import { hasEnded, parseRecord, parseStat, type ProcessRecord } from "./process-records.ts";
import { until } from "./wait.ts";

export interface ProcessSpec {
  /** As people name it: "etcd", "node1/kubelet". */
  readonly name: string;
  readonly command: readonly string[];
  readonly logPath: string;
  readonly recordPath: string;
  /** Ends with the process that started it, however that one ends: for what lives no longer than a test. */
  readonly diesWithParent?: boolean;
}

const recordItself = 'cat /proc/sys/kernel/random/boot_id "/proc/$$/stat" > "$0" && exec "$@"';

/** Starts the process and leaves it running. */
export async function startProcess(spec: ProcessSpec): Promise<void> {
  mkdirSync(dirname(spec.logPath), { recursive: true });
  mkdirSync(dirname(spec.recordPath), { recursive: true });
  await rm(spec.recordPath, { force: true });
  const log = openSync(spec.logPath, "a");
  const guard = spec.diesWithParent === true ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
  const [program = "", ...args] = [...guard, "sh", "-c", recordItself, spec.recordPath, ...spec.command];
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  child.on("error", reject);
  child.unref();
  await Promise.race([
    until(`${spec.name} starts`, async () => (await readRecord(spec.recordPath)) !== undefined, {
      timeoutMs: 10_000,
    }),
    failed,
  ]);
}

export async function isRunning(recordPath: string): Promise<boolean> {
  return (await runningPid(recordPath)) !== undefined;
}

/** The pid, if the recorded process still runs. */
export async function runningPid(recordPath: string): Promise<number | undefined> {
  const record = await readRecord(recordPath);
  return record !== undefined && (await isSameProcess(record)) ? record.pid : undefined;
}

/** Whether the process of this record runs, and not another one that got its pid later. */
export async function isSameProcess(record: ProcessRecord): Promise<boolean> {
  if (record.bootId !== (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim()) return false;
  const stat = parseStat(await readFile(`/proc/${record.pid}/stat`, "utf8").catch(() => ""));
  return stat?.startTime === record.startTime && !hasEnded(stat);
}

/** The recorded process and all that descends from it, parents first. */
export async function processTree(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const pids = children
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(Number);
  return [pid, ...(await Promise.all(pids.map(processTree))).flat()];
}

/** The pid of its parent; undefined once it has ended. */
export async function parentOf(pid: number): Promise<number | undefined> {
  return parseStat(await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""))?.parent;
}

/** Sends a signal to the program; false when it is not running any more. */
export async function signalProcess(recordPath: string, signal: NodeJS.Signals): Promise<boolean> {
  const pid = await runningPid(recordPath);
  if (pid === undefined) return false;
  const [waiting, program] = await throughNsenter(pid);
  // nsenter stops when its program does, and must be woken as well.
  if (signal === "SIGCONT") sendSignal(waiting, signal);
  return sendSignal(program, signal);
}

/** Stops the program without its knowledge: whoever talks to it gets no answer, and no error. */
export async function freezeProcess(recordPath: string): Promise<void> {
  if (!(await signalProcess(recordPath, "SIGSTOP")))
    throw new Error(`Cannot pause "${recordPath}": it is not running`);
}

export async function thawProcess(recordPath: string): Promise<void> {
  if (!(await signalProcess(recordPath, "SIGCONT")))
    throw new Error(`Cannot resume "${recordPath}": it is not running`);
}

/** Into a pid namespace, nsenter starts the program as its child, waits for it, and passes no signal on. */
async function throughNsenter(pid: number): Promise<[number, number]> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  const [, child] = name === "nsenter\n" ? await processTree(pid) : [];
  return [pid, child ?? pid];
}

export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Asks the process to end, and ends it by force when it has not after `graceMs`. Resolves when it is gone. */
export async function stopProcess(recordPath: string, graceMs = 5_000): Promise<void> {
  const isGone = async (): Promise<boolean> => !(await isRunning(recordPath));
  if (graceMs > 0 && (await signalProcess(recordPath, "SIGTERM"))) {
    // A paused process takes no SIGTERM until it goes on.
    await signalProcess(recordPath, "SIGCONT");
    const ended = await until("the process ends", isGone, { timeoutMs: graceMs }).then(
      () => true,
      () => false,
    );
    if (ended) return;
  }
  await signalProcess(recordPath, "SIGKILL");
  await until(`the process of ${recordPath} ends`, isGone, { timeoutMs: 20_000 });
}

/** Waits until `check` holds, or fails at once, with the end of its log, when the process has ended meanwhile. */
export async function waitForProcess(
  spec: ProcessSpec,
  check: () => Promise<boolean>,
  timeoutMs = 120_000,
): Promise<void> {
  const checkAlive = async (): Promise<boolean> => {
    if (await check()) return true;
    if (await isRunning(spec.recordPath)) return false;
    throw new Error(await failureText(spec, "it has ended"));
  };
  try {
    await until(`${spec.name} is ready`, checkAlive, { timeoutMs });
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("Cannot start")) throw error;
    throw new Error(await failureText(spec, `not ready after ${timeoutMs / 1000} s`), { cause: error });
  }
}

async function failureText(spec: ProcessSpec, found: string): Promise<string> {
  return `Cannot start "${spec.name}": ${found}. Log: ${spec.logPath}\n${await readLastLines(spec.logPath, 15)}`;
}

async function readRecord(path: string): Promise<ProcessRecord | undefined> {
  return parseRecord(await readFile(path, "utf8").catch(() => ""));
}
