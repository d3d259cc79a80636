/**
 * Namespaces in which this benchmark's operator is as in a pod. Network: every address of a simulated pod or Service leads
 * to this machine's loopback, so that it opens them as it would real ones, and no packet leaves. Mounts: there is a /run of
 * its own, where a pod's credentials are.
 */
import { run } from "#cluster/commands.ts";
import { hand } from "#tools/hand-over.ts";

const INSIDE = "--in-its-own-namespaces";
/** The ranges of pods and Services. */
const LOCAL_RANGE = "10.0.0.0/8";

/** Runs `work` in them, for which this program is started once more in there. Answers the exit status. */
export async function inOwnNamespaces(work: () => Promise<number>): Promise<number> {
  const [program = "", ...args] = process.argv.slice(1);
  if (!args.includes(INSIDE)) {
    return hand(["unshare", "--net", "--mount", process.execPath, program, ...args, INSIDE]);
  }
  await run(["ip", "link", "set", "lo", "up"]);
  await run(["ip", "route", "add", "local", LOCAL_RANGE, "dev", "lo"]);
  await run(["mount", "-t", "tmpfs", "tmpfs", "/run"]);
  return work();
}

/** The command line without the word that is for this file only. */
export function ownArguments(): string[] {
  return process.argv.slice(2).filter((word) => word !== INSIDE);
}
