/** What is written down of a started process, and the kernel's one-line description of a running one. Pure. */

export interface ProcessRecord {
  readonly bootId: string;
  readonly pid: number;
  /** In clock ticks since boot: with the pid it names one process for ever. */
  readonly startTime: string;
}

export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly threads: number;
  readonly startTime: string;
}

/** A line of /proc/PID/stat (proc_pid_stat(5)); the command name in parentheses may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat | undefined {
  const nameEnd = line.lastIndexOf(")");
  const pid = Number.parseInt(line, 10);
  const fields = line
    .slice(nameEnd + 1)
    .trim()
    .split(/\s+/);
  const [state, parent, threads, startTime] = [fields[0], Number(fields[1]), Number(fields[17]), fields[19]];
  if (nameEnd === -1 || Number.isNaN(pid) || state === undefined || startTime === undefined) return undefined;
  return { pid, parent, state, threads, startTime };
}

/**
 * Whether nothing of the process runs any more, though its parent has not asked for its end yet. Its first thread can be
 * a zombie while others still end, and until the last of them has, its sockets are open.
 */
export function hasEnded({ state, threads }: ProcessStat): boolean {
  return state === "X" || (state === "Z" && threads <= 1);
}

/** A record is the boot id on one line and the process's stat line on the next; half a record is none. */
export function parseRecord(text: string): ProcessRecord | undefined {
  const [bootId, line] = text.split("\n");
  const stat = line === undefined ? undefined : parseStat(line);
  if (bootId === undefined || bootId === "" || stat === undefined) return undefined;
  return { bootId, pid: stat.pid, startTime: stat.startTime };
}
