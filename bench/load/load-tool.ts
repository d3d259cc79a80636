/** The load tool for the tests of a file, with a folder of its own for each test. For tests only. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { silent } from "#cluster/progress.ts";
import { buildTools } from "../servers/programs.ts";
import { runLoad, type LoadReport, type Plan } from "./load.ts";

export interface LoadTool {
  /** Of the test that runs. */
  readonly folder: string;
  run(plan: Plan): Promise<LoadReport>;
}

/** To be called once, at the top of a test file. */
export function useLoadTool(): LoadTool {
  let program = "";
  let folder = "";
  beforeAll(async () => {
    program = join(await buildTools(silent), "load");
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-load-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  return {
    get folder() {
      return folder;
    },
    run: (plan) => runLoad(program, plan),
  };
}
