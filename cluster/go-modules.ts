/** The files of Go modules, for what is in them besides programs: the module proxy serves them, and go.sum vouches for them. */
import { join } from "node:path";
import { run } from "./commands.ts";

/** The module's folder, read-only, downloaded where that was not done yet. `set` is the folder whose go.mod requires it. */
export async function goModuleFolder(set: string, module: string): Promise<string> {
  const cwd = join(import.meta.dirname, "go", set);
  const { Dir } = JSON.parse(await run(["go", "mod", "download", "-json", module], { cwd })) as {
    Dir: string;
  };
  return Dir;
}
