/** The programs that the rig calls: installed by the machine's package manager where they are missing. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./commands.ts";
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

/** Installs what is missing, if anything is; without apt-get it can only say what that is. */
export async function installTools(logPath: string, progress: Progress = silent): Promise<void> {
  // Debian keeps some of these where a plain user's PATH does not look.
  process.env["PATH"] = [process.env["PATH"] ?? "", ...sbin].join(delimiter);
  const missing = missingPackages(searchPath());
  if (missing.length === 0) return;
  if (!isThere("apt-get", searchPath())) {
    throw new Error(`Cannot install ${missing.join(", ")}: there is no apt-get here; please install them`);
  }
  await progress.step(`install ${missing.join(" ")}`, logPath, async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run(["apt-get", "update"], { logPath, env });
    await run(["apt-get", "install", "--yes", "--no-install-recommends", ...missing], { logPath, env });
  });
}

/** The Debian packages whose programs are in none of these folders. */
export function missingPackages(folders: readonly string[]): string[] {
  const missing = Object.entries(tools)
    .filter(([tool]) => !isThere(tool, folders))
    .map(([, debianPackage]) => debianPackage);
  return [...new Set([...missing, ...(isThere("bridge", cniFolders) ? [] : [cniPackage])])];
}

/** The folder of the network plugins that containerd calls. */
export function cniPluginFolder(): string {
  const folder = cniFolders.find((path) => isThere("bridge", [path]));
  if (folder === undefined)
    throw new Error(`Cannot find the CNI plugin "bridge" in ${cniFolders.join(", ")}`);
  return folder;
}

function isThere(tool: string, folders: readonly string[]): boolean {
  return folders.some((folder) => existsSync(join(folder, tool)));
}

function searchPath(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter);
}
