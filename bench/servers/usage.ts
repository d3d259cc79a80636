/** What a process has used so far. */
import { readFile } from "node:fs/promises";

export interface Usage {
  /** In all its threads, and by the kernel on their behalf. */
  readonly cpuSeconds: number;
  /** Of resident memory. */
  readonly peakBytes: number;
}

/** As /proc counts it, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

export async function readUsage(pid: number): Promise<Usage> {
  const [status, stat] = await Promise.all(
    ["status", "stat"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")),
  );
  return parseUsage(status ?? "", stat ?? "");
}

/** From the texts of /proc/PID/status and /proc/PID/stat (proc(5)). */
export function parseUsage(status: string, stat: string): Usage {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  // The name, in brackets, may hold anything; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (kilobytes === undefined || Number.isNaN(ticks))
    throw new Error("Cannot read what the process has used");
  return { cpuSeconds: ticks / TICKS_PER_SECOND, peakBytes: Number(kilobytes) * 1024 };
}
