/** nginx as it stands in a pod: the release of the official image, with the nginx.conf that the operator writes. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianCommand } from "#cluster/debian-programs.ts";
import { parseSseService } from "#operator/sseservice/parse.ts";
import { buildNginxConf } from "#operator/sseservice/resources/nginx-conf.ts";
import { HTTPS_PORT, SOCKET_PATH, TLS_DIRECTORY } from "#operator/sseservice/resources/pod-layout.ts";
import type { Address } from "../load/load.ts";
import { writeCertificate } from "./certificate.ts";
import { startServer, type Server } from "./server.ts";

const PACKAGES = { name: "nginx", release: "trixie", packages: ["nginx"] } as const;
const WORKERS = 2;
/** Twice as many file descriptors, and some, must be allowed to a process. */
const MAX_STREAMS = 9_000;

export const sidecarAddress: Address = { network: "tcp", address: "127.0.0.1:18474" };

export async function prepareSidecar(): Promise<void> {
  await nginxCommand();
}

/** Serves what the runtime does on the socket. */
export async function startSidecar(folder: string, runtimeSocket: string): Promise<Server> {
  const tls = join(folder, "tls");
  await writeCertificate(tls);
  await mkdir(join(folder, "tmp"));
  const path = join(folder, "nginx.conf");
  await writeFile(path, nginxConf(folder, tls, runtimeSocket));
  const command = [...(await nginxCommand()), "-p", folder, "-c", path, "-g", "daemon off; user root;"];
  return startServer(command, sidecarAddress, { workers: WORKERS });
}

function nginxCommand(): Promise<readonly string[]> {
  return debianCommand(PACKAGES, "usr/sbin/nginx");
}

/** The operator's, with paths and port of this run instead of the pod's. */
function nginxConf(folder: string, tls: string, runtimeSocket: string): string {
  const parsed = parseSseService({
    metadata: { name: "bench", namespace: "bench", uid: "bench" },
    spec: { limits: { maxConnections: MAX_STREAMS } },
  });
  if ("issues" in parsed) throw new Error(`Cannot build nginx.conf: ${parsed.issues[0]?.message}`);
  return buildNginxConf(parsed.service)
    .replaceAll("/dev/stderr", "stderr")
    .replaceAll(" /tmp/", ` ${join(folder, "tmp")}/`)
    .replaceAll(`listen ${HTTPS_PORT}`, `listen ${sidecarAddress.address}`)
    .replaceAll(SOCKET_PATH, runtimeSocket)
    .replaceAll(TLS_DIRECTORY, tls);
}
