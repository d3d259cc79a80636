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
  /** Go variables that a release's own build sets to its version. */
  readonly versionVariables?: readonly string[];
}

export type ProgramSet =
  | "kube"
  | "containerd"
  | "coredns"
  | "kube-router"
  | "kwok"
  | "pause"
  | "helm"
  | "cert-manager"
  | "prometheus";

const sources: Readonly<Record<ProgramSet, Source>> = {
  kube: {
    module: "k8s.io/kubernetes",
    programs: { kube: "." },
    versionVariables: ["k8s.io/component-base/version.gitVersion", "k8s.io/client-go/pkg/version.gitVersion"],
  },
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
  kwok: { module: "sigs.k8s.io/kwok", programs: { kwok: "sigs.k8s.io/kwok/cmd/kwok" } },
  pause: { programs: { pause: "." } },
  helm: {
    module: "helm.sh/helm/v4",
    programs: { helm: "helm.sh/helm/v4/cmd/helm" },
    versionVariables: ["helm.sh/helm/v4/internal/version.version"],
  },
  "cert-manager": {
    module: "github.com/cert-manager/cert-manager",
    programs: { "cert-manager": "." },
  },
  prometheus: {
    module: "github.com/prometheus/prometheus",
    programs: { promtool: "github.com/prometheus/prometheus/cmd/promtool" },
    // Without the SDKs of all clouds, which it would find its targets with.
    tags: "remove_all_sd",
  },
};

/** The folder with the set's programs, built first where that was not done yet. */
export async function buildPrograms(set: ProgramSet, progress: Progress = silent): Promise<string> {
  const folder = join(import.meta.dirname, "go", set);
  const source = sources[set];
  const command = buildCommand(source, await releaseOf(source, folder));
  const ingredients = [...command, process.arch, ...(await folderContent(folder))];
  const path = cachePath(set, cacheKey(ingredients));
  if (await isCached(path)) return cached(path, () => Promise.resolve());
  const logPath = join(cacheRoot(), "logs", `build-${set}.log`);
  await mkdir(join(cacheRoot(), "logs"), { recursive: true });
  const title = `build ${set} ${await releaseOf(source, folder)} (once, then cached)`;
  return progress.step(title, logPath, () =>
    cached(path, async (output) => {
      for (const [file, goPackage] of Object.entries(source.programs)) {
        const whole = [...command, "-o", join(output, file), goPackage];
        await run(whole, { cwd: folder, logPath, env: { CGO_ENABLED: "0" } });
      }
    }),
  );
}

function buildCommand({ tags = "", versionVariables = [] }: Source, release: string): string[] {
  const versions = versionVariables.map((name) => `-X ${name}=${release}`);
  return ["go", "build", "-trimpath", "-tags", tags, "-ldflags", ["-s", "-w", ...versions].join(" ")];
}

/** For people: the version of the module that the set is known by; our own programs have none. */
async function releaseOf({ module }: Source, folder: string): Promise<string> {
  const lines = (await readFile(join(folder, "go.mod"), "utf8")).split("\n");
  const words = lines.map((line) =>
    line
      .trim()
      .replace(/^require /, "")
      .split(" "),
  );
  return words.find(([name]) => module !== undefined && name === module)?.[1] ?? "";
}
