/** The rig's programs, built from Go modules: there is no place that serves them ready-made for every machine. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached, cacheKey, cachePath, folderContent, isCached } from "./cache.ts";
import { run } from "./commands.ts";
import { cacheRoot } from "./paths.ts";
import { type Progress, silent } from "./progress.ts";

interface Source {
  /** The module whose version people know the set by. */
  readonly module?: string;
  /** Output file -> Go package; the folder of the same name holds go.mod and go.sum. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: string;
}

export type ProgramSet = "kube" | "containerd" | "coredns" | "kube-router" | "pause";

const sources: Readonly<Record<ProgramSet, Source>> = {
  kube: { module: "k8s.io/kubernetes", programs: { kube: "." } },
  containerd: {
    module: "github.com/containerd/containerd/v2",
    programs: {
      containerd: "github.com/containerd/containerd/v2/cmd/containerd",
      "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
      ctr: "github.com/containerd/containerd/v2/cmd/ctr",
    },
    tags: "no_btrfs no_devmapper no_zfs no_aufs",
  },
  coredns: {
    module: "github.com/coredns/coredns",
    programs: { coredns: "github.com/coredns/coredns" },
  },
  "kube-router": {
    module: "github.com/cloudnativelabs/kube-router/v2",
    programs: { "kube-router": "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router" },
  },
  pause: { programs: { pause: "." } },
};

const flags = ["-trimpath", "-ldflags", "-s -w"];

/** The folder with the set's programs, built first where that was not done yet. */
export async function buildPrograms(set: ProgramSet, progress: Progress = silent): Promise<string> {
  const folder = join(import.meta.dirname, "go", set);
  const source = sources[set];
  const ingredients = [...flags, source.tags ?? "", process.arch, ...(await folderContent(folder))];
  const path = cachePath(set, cacheKey(ingredients));
  if (await isCached(path)) return cached(path, () => Promise.resolve());
  const logPath = join(cacheRoot(), "logs", `build-${set}.log`);
  await mkdir(join(cacheRoot(), "logs"), { recursive: true });
  const title = `build ${set} ${await releaseOf(source, folder)}(once, then cached)`;
  return progress.step(title, logPath, () =>
    cached(path, (output) => compile(source, folder, output, logPath)),
  );
}

async function compile(source: Source, folder: string, output: string, logPath: string): Promise<void> {
  const tags = source.tags === undefined ? [] : ["-tags", source.tags];
  for (const [file, goPackage] of Object.entries(source.programs)) {
    const command = ["go", "build", ...flags, ...tags, "-o", join(output, file), goPackage];
    await run(command, { cwd: folder, logPath, env: { CGO_ENABLED: "0" } });
  }
}

/** For people: which release this is, with a space after it; nothing for our own programs. */
async function releaseOf({ module }: Source, folder: string): Promise<string> {
  if (module === undefined) return "";
  const lines = (await readFile(join(folder, "go.mod"), "utf8")).split("\n");
  const words = lines.map((line) =>
    line
      .trim()
      .replace(/^require /, "")
      .split(" "),
  );
  return `${words.find(([name, version]) => name === module && version !== undefined)?.[1] ?? ""} `;
}
