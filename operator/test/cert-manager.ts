/** The real cert-manager beside a real API server, for authorities of one's own; without its webhook. For tests only. */
import { join } from "node:path";
import { buildPrograms } from "#cluster/build.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { goModuleFolder } from "#cluster/go-modules.ts";
import { type ProcessSpec, startProcess, stopProcess } from "#cluster/processes.ts";

const MODULE = "github.com/cert-manager/cert-manager";

/** Resolves when Certificates and Issuers can be applied; nobody looks at them yet. */
export async function installDefinitions({ kubectl }: ControlPlane): Promise<void> {
  const folder = join(await goModuleFolder("cert-manager", MODULE), "deploy/crds");
  const names = await kubectl("apply", "--server-side", "-f", folder, "-o", "name");
  await kubectl("wait", "--for=condition=Established", ...names.trim().split("\n"), "--timeout=30s");
}

/** Resolves with what ends it. */
export async function startCertManager({ kubeconfigPath, logFolder }: ControlPlane) {
  const program = join(await buildPrograms("cert-manager"), "cert-manager");
  const spec: ProcessSpec = {
    name: "cert-manager",
    command: [program, kubeconfigPath],
    logPath: join(logFolder, "cert-manager.log"),
    recordPath: join(logFolder, "..", "run", "cert-manager"),
    diesWithParent: true,
  };
  await startProcess(spec);
  return () => stopProcess(spec.recordPath);
}
