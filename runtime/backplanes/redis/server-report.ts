/** What a server says about itself that decides what `stored` is worth. */
import type { BackplaneHealth } from "#runtime/broker/backplane.ts";
import { parseText } from "./reply.ts";
import { errorCode, type Session } from "./session.ts";

export interface ServerReport {
  readonly durability: BackplaneHealth["durability"];
  /** For people: what should be changed. */
  readonly problems: readonly string[];
}

export const UNKNOWN_SERVER: ServerReport = { durability: "process", problems: [] };

/** Rejects when the session ends. */
export async function readServerReport(session: Session, minReplicas: number): Promise<ServerReport> {
  try {
    return parseServerReport(parseText(await session.send(["INFO"])), minReplicas);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    const problem = "Whether the server may throw events away is not known: its user must not run INFO.";
    return { ...parseServerReport("", minReplicas), problems: [problem] };
  }
}

/** Pure. Of `INFO`, whole or in part. */
export function parseServerReport(info: string, minReplicas: number): ServerReport {
  const fields = new Map(info.split(/\r?\n/).map((line) => splitOnce(line)));
  const policy = fields.get("maxmemory_policy") ?? "noeviction";
  const hasFile = fields.get("aof_enabled") === "1";
  const problems: string[] = [];
  if (policy !== "noeviction") {
    problems.push(
      `The server's maxmemory-policy is "${policy}": it may throw events away. Set it to "noeviction".`,
    );
  }
  if (!hasFile && minReplicas === 0) {
    problems.push('The server keeps no append-only file: a restart loses events. Set "appendonly" to "yes".');
  }
  return { durability: minReplicas > 0 ? "replicated" : hasFile ? "disk" : "process", problems };
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(":");
  return [line.slice(0, at), line.slice(at + 1)];
}
