/** Every benchmark as a person runs it, small: all of its parts start, and figures come out. */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { CommandError, run } from "#cluster/commands.ts";
import { silent } from "#cluster/progress.ts";
import { buildTools } from "../servers/programs.ts";
import { prepareSidecar } from "../servers/sidecar.ts";
import { prepareValkey } from "../servers/valkey.ts";

const OURS = "runtime,runtime-tcp,runtime-valkey,goroutine,send-loop";

beforeAll(async () => {
  await buildTools(silent);
  await prepareValkey();
  await prepareSidecar();
});

test.each([
  ["fan-out", 9, ["--peers", OURS, "--seconds", "0.2"]],
  ["pair", 4, ["--peers", "pod", "--seconds", "0.2"]],
  ["sidecar", 1, []],
  ["topics", 3, []],
  ["resume", 5, []],
])("%s", async (name, figures, options) => {
  const output = await runSmall(name, options);
  expect(firstRow(output)).toHaveLength(figures);
  expect(firstRow(output)).not.toContain("");
  expect(output).toMatch(new RegExp(`\n${name}: \\d+ of \\d+ promises not kept\n$`));
});

/** Too few subscribers to keep every promise: its exit status tells nothing. */
async function runSmall(name: string, options: readonly string[]): Promise<string> {
  const program = join(import.meta.dirname, "..", `${name}.ts`);
  const command = [process.execPath, program, "--subscribers", "20", "--rounds", "1", ...options];
  try {
    return await run(command);
  } catch (error) {
    if (!(error instanceof CommandError) || !error.stdout.includes("promises not kept")) throw error;
    return error.stdout;
  }
}

/** The figures of the first server in the table. */
function firstRow(output: string): readonly string[] {
  const [, , row = ""] = output.split("\n").filter((line) => line.startsWith("|"));
  const [, , ...cells] = row.split("|").map((cell) => cell.trim());
  return cells.slice(0, -1);
}
