/**
 * A network namespace in which every address of a simulated pod or Service leads to this machine's loopback: the operator
 * opens them as it would real ones, and no packet leaves.
 */
import { run } from "#cluster/commands.ts";
import { hand } from "#tools/hand-over.ts";

const INSIDE = "--in-its-own-network";
/** The ranges of pods and Services. */
const LOCAL_RANGE = "10.0.0.0/8";

/** Runs `work` in such a namespace, for which this program is started once more in it. Answers the exit status. */
export async function inOwnNetwork(work: () => Promise<number>): Promise<number> {
  const [program = "", ...args] = process.argv.slice(1);
  if (!args.includes(INSIDE)) {
    return hand(["unshare", "--net", process.execPath, program, ...args, INSIDE]);
  }
  await run(["ip", "link", "set", "lo", "up"]);
  await run(["ip", "route", "add", "local", LOCAL_RANGE, "dev", "lo"]);
  return work();
}

/** The command line without the word that is for this file only. */
export function ownArguments(): string[] {
  return process.argv.slice(2).filter((word) => word !== INSIDE);
}
