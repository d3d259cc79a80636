/** Starts and stops the program that leads a loopback port to the nodes. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ProcessSpec, startProcess, stopProcess, waitForProcess } from "./processes.ts";

/** Replaces whatever this cluster led the port to before. */
export async function startForward(folder: string, port: number, targets: readonly string[]): Promise<void> {
  await stopForward(folder, port);
  const readyPath = join(folder, `forward-${port}.ready`);
  await rm(readyPath, { force: true });
  const spec: ProcessSpec = {
    name: `forward of port ${port}`,
    command: [process.execPath, join(import.meta.dirname, "forward.ts"), readyPath, String(port), ...targets],
    logPath: join(folder, "log", `forward-${port}.log`),
    recordPath: recordPath(folder, port),
  };
  await startProcess(spec);
  await waitForProcess(spec, () => Promise.resolve(existsSync(readyPath)), 10_000);
}

export async function stopForward(folder: string, port: number): Promise<void> {
  await stopProcess(recordPath(folder, port), 0);
}

function recordPath(folder: string, port: number): string {
  return join(folder, "run", `forward-${port}`);
}
