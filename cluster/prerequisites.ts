/** What the rig needs of the machine: checked before anything is changed, and installed where a package manager can. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, succeeds } from "./commands.ts";
import { type Progress, silent } from "./progress.ts";

/** Command -> Debian package. */
const tools: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nsenter: "util-linux",
  setpriv: "util-linux",
  runc: "runc",
  iptables: "iptables",
  ipset: "ipset",
  conntrack: "conntrack",
  buildah: "buildah",
  debootstrap: "debootstrap",
  tar: "tar",
};
const cniPackage = "containernetworking-plugins";
const cniFolders = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const sbin = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

export const minimumGo = [1, 24] as const;

/** What stands in the way, in words for the person who typed the command; nothing is changed here. */
export async function findObstacles(): Promise<string[]> {
  if (process.platform !== "linux") {
    return [
      `this is ${process.platform}: the cluster needs Linux (with your own cluster: ./dev up --context NAME)`,
    ];
  }
  const obstacles: string[] = [];
  if (process.getuid?.() !== 0)
    obstacles.push("you are not root: namespaces and mounts need it (sudo ./dev ...)");
  const go = await run(["go", "version"]).catch(() => "");
  if (!isGoRecent(go))
    obstacles.push(`Go >= ${minimumGo.join(".")} is needed (https://go.dev/dl): ${found(go)}`);
  const missing = missingPackages();
  if (missing.length > 0 && !(await succeeds(["apt-get", "--version"]).catch(() => false))) {
    obstacles.push(`please install ${missing.join(", ")}: there is no apt-get here to do it`);
  }
  return obstacles;
}

export function isGoRecent(versionText: string): boolean {
  const match = /go(\d+)\.(\d+)/.exec(versionText);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > minimumGo[0] || (major === minimumGo[0] && minor >= minimumGo[1]);
}

/** Installs the missing Debian packages, if there are any. */
export async function installTools(logPath: string, progress: Progress = silent): Promise<void> {
  // Debian keeps some of these where a plain user's PATH does not look.
  process.env["PATH"] = [process.env["PATH"] ?? "", ...sbin].join(delimiter);
  const missing = missingPackages();
  if (missing.length === 0) return;
  await progress.step(`install ${missing.join(" ")}`, logPath, async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run(["apt-get", "update"], { logPath, env });
    await run(["apt-get", "install", "--yes", "--no-install-recommends", ...missing], { logPath, env });
  });
}

/** The folder of the network plugins that containerd calls. */
export function cniPluginFolder(): string {
  const folder = cniFolders.find((path) => existsSync(join(path, "bridge")));
  if (folder === undefined)
    throw new Error(`Cannot find the CNI plugin "bridge" in ${cniFolders.join(", ")}`);
  return folder;
}

function missingPackages(): string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...sbin];
  const isThere = (tool: string): boolean => folders.some((folder) => existsSync(join(folder, tool)));
  const missing = Object.entries(tools)
    .filter(([tool]) => !isThere(tool))
    .map(([, debianPackage]) => debianPackage);
  const hasCni = cniFolders.some((path) => existsSync(join(path, "bridge")));
  return [...new Set([...missing, ...(hasCni ? [] : [cniPackage])])];
}

function found(goVersion: string): string {
  return goVersion === "" ? "no go in PATH" : `found ${goVersion.trim()}`;
}
