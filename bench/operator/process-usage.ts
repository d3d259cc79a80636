/** What a process has taken of the machine, from /proc. */
import { readFile } from "node:fs/promises";

export interface Usage {
  readonly cpuMs: number;
  /** Resident, at its peak. */
  readonly peakMegabytes: number;
}

/** The kernel counts CPU time in hundredths of a second for every process to see. */
const MS_PER_TICK = 10;
const KIB_PER_MB = 1_000_000 / 1024;

export async function readUsage(pid: number): Promise<Usage> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, "utf8"),
    readFile(`/proc/${pid}/stat`, "utf8"),
  ]);
  const peakKib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
  // The program's name, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuMs: ticks * MS_PER_TICK, peakMegabytes: peakKib / KIB_PER_MB };
}
