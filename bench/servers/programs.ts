/** What the benchmark runs, made once and kept: the load tool, the small servers, and our own bundle. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cached, cacheKey, cachePath, folderContent, isCached } from "#cluster/cache.ts";
import { run } from "#cluster/commands.ts";
import { cacheRoot } from "#cluster/paths.ts";
import type { Progress } from "#cluster/progress.ts";
import { bundle } from "#tools/bundle.ts";

const here = join(import.meta.dirname, "..");

export interface Programs {
  /** Holds `load`, `article`, `goroutine` and `send-loop`. */
  readonly tools: string;
  /** Holds our `runtime.mjs`, bundled as in the image. */
  readonly runtime: string;
}

export async function makePrograms(folder: string, progress: Progress): Promise<Programs> {
  return { runtime: await bundleRuntime(folder, progress), tools: await buildTools(progress) };
}

/** The folder with our `runtime.mjs`. */
export async function bundleRuntime(folder: string, progress: Progress): Promise<string> {
  const runtime = join(folder, "runtime");
  await progress.step("bundle the runtime", undefined, () => bundle("runtime", runtime));
  return runtime;
}

/** The folder with the load tool and the small servers. */
export async function buildTools(progress: Progress): Promise<string> {
  await installMissing({ "/usr/bin/gcc": "gcc libc6-dev", "/usr/bin/taskset": "util-linux" }, progress);
  const sources = await folderContent(here, (path) => /(\.go|\.c|go\.mod)$/.test(path));
  const title = "build the load tool and the small servers";
  return buildOnce("bench-tools", title, sources, progress, async (output, logPath) => {
    const packages = ["./load", "./hubs/article", "./hubs/goroutine"];
    await run(["go", "build", "-o", `${output}/`, ...packages], { cwd: here, logPath });
    const source = join(here, "hubs", "send-loop", "send-loop.c");
    await run(["gcc", "-O2", "-o", join(output, "send-loop"), source], { logPath });
  });
}

/** Installs the Debian packages of those files that are not there. */
export async function installMissing(
  packageOfFile: Readonly<Record<string, string>>,
  progress: Progress,
): Promise<void> {
  const missing = Object.entries(packageOfFile).filter(([path]) => !existsSync(path));
  const names = missing.flatMap(([, packages]) => packages.split(" "));
  if (names.length === 0) return;
  const logPath = await logFile("bench-packages");
  const options = { logPath, env: { DEBIAN_FRONTEND: "noninteractive" } };
  await progress.step(`install ${names.join(" ")}`, logPath, async () => {
    await run(["apt-get", "update"], options);
    await run(["apt-get", "install", "--yes", "--no-install-recommends", ...names], options);
  });
}

/** A folder filled by `make` from exactly these ingredients, now or by an earlier run. */
export async function buildOnce(
  name: string,
  title: string,
  ingredients: readonly string[],
  progress: Progress,
  make: (output: string, logPath: string) => Promise<void>,
): Promise<string> {
  const path = cachePath(name, cacheKey([process.arch, ...ingredients]));
  if (await isCached(path)) return cached(path, () => Promise.resolve());
  const logPath = await logFile(`build-${name}`);
  return progress.step(title, logPath, () => cached(path, (output) => make(output, logPath)));
}

async function logFile(name: string): Promise<string> {
  await mkdir(join(cacheRoot(), "logs"), { recursive: true });
  return join(cacheRoot(), "logs", `${name}.log`);
}
