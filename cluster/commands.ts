/** Runs a command to its end; a failure carries what it printed last. */
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { lastLines } from "./logs.ts";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Everything the command prints is appended here as well. */
  readonly logPath?: string;
}

export class CommandError extends Error {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(command: readonly string[], exitCode: number | null, stdout: string, stderr: string) {
    const said = lastLines(stderr.trim() === "" ? stdout : stderr, 15);
    super(`Cannot run "${shorten(command)}": exit status ${exitCode ?? "none (killed)"}\n${said}`);
    this.name = "CommandError";
    this.exitCode = exitCode;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** Resolves with what the command wrote to stdout. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program = "", ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const log = options.logPath === undefined ? undefined : createWriteStream(options.logPath, { flags: "a" });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    log?.write(text);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    log?.write(text);
  });
  // A command that ends before it has read its input makes this write fail; its exit status tells more.
  child.stdin?.on("error", () => undefined).end(options.input);
  child.on("error", reject);
  child.on("close", (exitCode) => {
    log?.end();
    if (exitCode === 0) resolve(stdout);
    else reject(new CommandError(command, exitCode, stdout, stderr));
  });
  return promise;
}

/** For commands whose failure is an answer and no fault: does it exit with 0? */
export async function succeeds(command: readonly string[], options: RunOptions = {}): Promise<boolean> {
  try {
    await run(command, options);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** The program and the words that tell what it should do, without folders and flags. */
function shorten([program = "", ...args]: readonly string[]): string {
  const words = args.filter((word) => !word.startsWith("-") && !word.includes("\n"));
  return [basename(program), ...words.slice(0, 4)].join(" ");
}
