/** The one command, behind `./dev`: words in, exit status out. */
import { buildPrograms } from "#cluster/build.ts";
import { type Cluster, openCluster } from "#cluster/cluster.ts";
import { prepare } from "#cluster/prepare.ts";
import { removeCluster } from "#cluster/remove-cluster.ts";
import { type Command, help, parseArguments } from "./arguments.ts";
import { bench } from "./bench.ts";
import { check } from "./check.ts";
import { hand } from "./hand-over.ts";
import { logs } from "./logs.ts";
import { rigImages } from "./product-images.ts";
import { createSteps, UserError } from "./steps.ts";
import { countTests, formatCount, type TestCount } from "./test-count.ts";
import { runTests } from "./test-run.ts";
import { clusterName, up } from "./up.ts";

async function main(words: readonly string[]): Promise<number> {
  const parsed = parseArguments(words);
  if (!parsed.ok) {
    console.error(`dev: ${parsed.problem}\n\n${help}`);
    return 2;
  }
  try {
    return await carryOut(parsed.command);
  } catch (error) {
    console.error(`\ndev: ${error instanceof Error ? error.message : String(error)}`);
    const next = error instanceof UserError ? error.advice : advice;
    if (next !== undefined) console.error(`next: ${next}`);
    return 1;
  }
}

const advice = 'run the same again: it goes on where it stopped; "./dev down" starts afresh';

async function carryOut(command: Command): Promise<number> {
  switch (command.word) {
    case "help":
      console.log(help);
      return 0;
    case "up":
      await up(command.context, command.registry);
      return 0;
    case "down":
      await createSteps().step("remove the cluster", undefined, () => removeCluster(clusterName));
      return 0;
    case "check":
      return conclude(await check());
    case "test":
      return conclude(await test());
    case "bench":
      return bench(command.name);
    case "logs":
      return logs(await runningCluster(), command.part, command.follow);
    case "kubectl":
      return hand([...(await runningCluster()).controlPlane.kubectlCommand, ...command.args]);
  }
}

async function test(): Promise<TestCount> {
  let count = await check();
  // Tests have time limits, and what is built only once would not fit into them.
  await prepare(createSteps());
  for (const programs of ["helm", "cert-manager", "kwok", "prometheus"] as const)
    await buildPrograms(programs, createSteps());
  await rigImages(createSteps());
  for (const project of ["server", "cluster", "record"] as const)
    count = countTests(count, await runTests(project));
  return count;
}

/** The last line says how it went, alone on its line. */
function conclude(count: TestCount): number {
  console.log(`\n${formatCount(count)}`);
  return count.failed === 0 && count.passed > 0 ? 0 : 1;
}

async function runningCluster(): Promise<Cluster> {
  const cluster = await openCluster(clusterName);
  if (cluster === undefined) throw new UserError("There is no cluster on this machine", "./dev up");
  return cluster;
}

process.exitCode = await main(process.argv.slice(2));
