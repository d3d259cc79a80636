/** `./dev check`: the quick checks of every day, each with its time; all failures are shown, not only the first. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, run } from "#cluster/commands.ts";
import { formatSeconds, indent } from "./steps.ts";
import { countTests, emptyCount, type TestCount } from "./test-count.ts";
import { runTests } from "./test-run.ts";

const root = join(import.meta.dirname, "..");
const folders = ["operator", "runtime", "cluster", "e2e", "bench", "tools"];

const steps: readonly {
  readonly title: string;
  readonly command: readonly string[];
  readonly advice: string;
}[] = [
  { title: "format", command: ["oxfmt", "--check", "."], advice: "oxfmt . writes it as it should be" },
  {
    title: "lint",
    command: ["oxlint", "--type-aware", ...folders],
    advice: "oxlint --fix --type-aware FOLDER helps",
  },
  { title: "types", command: ["tsc", "--noEmit"], advice: "" },
  { title: "page types", command: ["tsc", "--noEmit", "--project", "runtime/page"], advice: "" },
  { title: "dead code", command: ["knip"], advice: "" },
];

/** Runs everything; a step that fails counts as one failed test, so that the sum tells the truth. */
export async function check(): Promise<TestCount> {
  await mkdir(join(root, ".artifacts"), { recursive: true });
  let count = emptyCount;
  for (const { title, command, advice } of steps) {
    const started = performance.now();
    const output = await run(command, { cwd: root }).then(
      () => undefined,
      (error: unknown) => (error instanceof CommandError ? error.stdout + error.stderr : String(error)),
    );
    const time = formatSeconds(performance.now() - started);
    console.log(`  ${output === undefined ? "ok    " : "FAILED"}  ${title}: ${time}`);
    if (output === undefined) continue;
    console.log(indent(output.trimEnd()));
    if (advice !== "") console.log(`    (${advice})`);
    count = countTests(count, { passed: 0, failed: 1, skipped: 0 });
  }
  return countTests(count, await runTests("unit"));
}
