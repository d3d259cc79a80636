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

const FEW = ["--subscribers", "20", "--rounds", "1"];

test.each([
  ["fan-out", 9, [...FEW, "--peers", OURS, "--seconds", "0.2"]],
  ["pair", 4, [...FEW, "--peers", "pod", "--seconds", "0.2"]],
  ["sidecar", 1, FEW],
  ["topics", 3, FEW],
  ["resume", 5, FEW],
])("%s", async (name, figures, options) => {
  const output = await runSmall(name, options);
  expect(firstRow(output)).toHaveLength(figures);
  expect(firstRow(output)).not.toContain("");
  expect(output).toMatch(new RegExp(`\n${name}: \\d+ of \\d+ promises not kept\n$`));
});

test("operator", async () => {
  const output = await runSmall("operator", ["--services", "5", "--quiet-seconds", "1"]);
  const figures = Object.fromEntries(tableRows(output));
  expect(Object.keys(figures)).toHaveLength(16);
  expect(Object.values(figures)).not.toContain("");
  expect(figures).toMatchObject({ "writes while idle": "0", "its requests": "15", "its writes": "0" });
  expect(output).toMatch(/\noperator: 0 of 7 promises not kept\n$/);
});

/** Too few subscribers to keep every promise: its exit status tells nothing. */
async function runSmall(name: string, options: readonly string[]): Promise<string> {
  const program = join(import.meta.dirname, "..", `${name}.ts`);
  const command = [process.execPath, program, ...options];
  try {
    return await run(command);
  } catch (error) {
    if (!(error instanceof CommandError) || !error.stdout.includes("promises not kept")) throw error;
    return error.stdout;
  }
}

/** The figures of the first server in the table. */
function firstRow(output: string): readonly string[] {
  const [[, ...figures] = []] = tableRows(output);
  return figures;
}

/** Of the first table, without its head: titles and figures. */
function tableRows(output: string): string[][] {
  const [table = ""] = output.split("\n\n").filter((part) => part.trim().startsWith("|"));
  const rows = table.trim().split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
