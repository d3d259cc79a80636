/** Runs one of vitest's projects and counts what happened. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere } from "#cluster/files.ts";
import { hand } from "./hand-over.ts";
import { formatSeconds } from "./steps.ts";
import { readReport, type TestCount } from "./test-count.ts";

const artifacts = join(import.meta.dirname, "..", ".artifacts");

export async function runTests(project: "unit" | "server" | "cluster" | "record"): Promise<TestCount> {
  await mkdir(artifacts, { recursive: true });
  const reportPath = join(artifacts, `${project}.json`);
  await rm(reportPath, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
  console.log(`  ${project} tests ...`);
  const started = performance.now();
  const status = await hand(["vitest", "run", "--project", project, ...reporters]);
  const time = formatSeconds(performance.now() - started);
  console.log(`  ${status === 0 ? "ok    " : "FAILED"}  ${project} tests: ${time}`);
  return readReport(await readIfThere(reportPath), status);
}
