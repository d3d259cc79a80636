/** `./dev bench`: each measured promise is a program in bench/. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { hand } from "./hand-over.ts";
import { UserError } from "./steps.ts";

const folder = join(import.meta.dirname, "..", "bench");

/** Runs one, or all in turn; resolves with the first exit status that is not 0. */
export async function bench(name: string | undefined): Promise<number> {
  const names = await benchNames();
  if (names.length === 0) throw new UserError("Cannot run a benchmark: there is none in bench/ yet");
  if (name !== undefined && !names.includes(name)) {
    throw new UserError(`Cannot run the benchmark "${name}": there are ${names.join(", ")}`);
  }
  for (const each of name === undefined ? names : [name]) {
    const status = await hand([process.execPath, join(folder, `${each}.ts`)]);
    if (status !== 0) return status;
  }
  return 0;
}

async function benchNames(): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return files.map((file) => file.slice(0, -".ts".length)).sort();
}
