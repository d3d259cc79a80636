/** `./dev logs`: the operator's log, or that of one of the cluster's own parts. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster } from "#cluster/cluster.ts";
import { RELEASE } from "#operator/install/release.ts";
import { hand } from "./hand-over.ts";
import { UserError } from "./steps.ts";

/** Resolves with the exit status of the program that showed it. */
export async function logs(cluster: Cluster, part: string | undefined, follow: boolean): Promise<number> {
  if (part === undefined) return operatorLogs(cluster, follow);
  const path = join(cluster.logFolder, `${part}.log`);
  if (!existsSync(path)) {
    const parts = (await logNames(cluster)).join(", ");
    throw new UserError(`Cannot show the log of "${part}": the parts are ${parts}`);
  }
  return hand(["tail", "-n", "100", ...(follow ? ["-F"] : []), path]);
}

async function operatorLogs(cluster: Cluster, follow: boolean): Promise<number> {
  const kubectl = cluster.controlPlane.kubectlCommand;
  const selector = ["--selector=app.kubernetes.io/name=sse-operator", "--tail=100", "--prefix"];
  return hand([
    ...kubectl,
    "logs",
    `--namespace=${RELEASE.namespace}`,
    ...selector,
    ...(follow ? ["-f"] : []),
  ]);
}

async function logNames(cluster: Cluster): Promise<string[]> {
  const files = await readdir(cluster.logFolder, { recursive: true });
  return files
    .filter((file) => file.endsWith(".log"))
    .map((file) => file.slice(0, -".log".length))
    .sort();
}
