/** One benchmark from its command line to its exit status: what all of them have in common. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "#cluster/progress.ts";
import { createSteps } from "#tools/steps.ts";
import { buildSection, replaceSection, type BenchName } from "./page.ts";
import { isBroken, judge, type Promised } from "./promises.ts";
import type { Measured, Round } from "./rounds.ts";
import { figureTable, promiseTable, type Column } from "./tables.ts";

export interface Bench<Name extends string, Metric extends string> {
  readonly name: BenchName;
  readonly servers: readonly Measured<Name>[];
  readonly promises: readonly Promised<Name, Metric>[];
  readonly columns: readonly Column<Metric>[];
  /** The figures' table has a row for each figure, for where they are many and the servers few. */
  readonly areFiguresRows?: boolean;
  /** What is done. */
  readonly about: string;
  /** What the figures are. */
  readonly notes: string;
}

const PAGE = join(import.meta.dirname, "..", "..", "docs", "benchmarks.md");

/** Runs it in a folder of its own and sets the exit status; what goes wrong is one line. */
export async function runBench(
  name: BenchName,
  work: (folder: string, progress: Progress) => Promise<number>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    if (availableParallelism() < 2)
      throw new Error("Cannot measure on one core: the load tool needs its own");
    process.exitCode = await work(folder, createSteps());
  } catch (error) {
    console.error(`\n${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Prints what came out, and writes it on the page where it was measured in full; answers the exit status. */
export async function conclude<Name extends string, Metric extends string>(
  bench: Bench<Name, Metric>,
  rounds: readonly Round<Name, Metric>[],
  isFull: boolean,
): Promise<number> {
  const { name, servers, promises, columns, areFiguresRows, about, notes } = bench;
  const verdicts = promises.map((promised) => judge(promised, rounds));
  const promised = promiseTable(servers, verdicts);
  const figures = figureTable(servers, columns, rounds, areFiguresRows);
  console.log(`\n${figures}\n\n${promised}`);
  if (isFull) await write(name, [about, promised, figures, notes].join("\n\n"));
  const broken = verdicts.filter(isBroken).length;
  console.log(`\n${name}: ${broken} of ${verdicts.length} promises not kept`);
  return broken === 0 ? 0 : 1;
}

async function write(name: BenchName, body: string): Promise<void> {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model ?? "unknown"}, Node ${process.version}`;
  const section = buildSection(name, { machine, date: new Date().toISOString().slice(0, 10) }, body);
  const page = await readFile(PAGE, "utf8").catch(() => "");
  await writeFile(PAGE, replaceSection(page, name, section));
}
