/** Makes ready what every cluster is started from: the machine's tools and our programs. Minutes the first time, then nothing. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildPrograms } from "./build.ts";
import { cacheRoot } from "./paths.ts";
import { installTools } from "./prerequisites.ts";
import { type Progress, silent } from "./progress.ts";

export async function prepare(progress: Progress = silent): Promise<void> {
  const logFolder = join(cacheRoot(), "logs");
  await mkdir(logFolder, { recursive: true });
  await installTools(join(logFolder, "apt.log"), progress);
  for (const set of ["kube", "containerd", "coredns", "kube-router", "pause"] as const) {
    await buildPrograms(set, progress);
  }
}
