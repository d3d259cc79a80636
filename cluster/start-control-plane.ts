/** A throw-away control plane on free loopback ports, for tests that need a real API server and no node. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPrograms } from "./build.ts";
import { type ControlPlane, createControlPlane } from "./control-plane.ts";
import { stopProcess } from "./processes.ts";

export interface StartControlPlaneOptions {
  readonly name: string;
  /** Also run the controller manager: garbage collection, namespace deletion, Deployments (whose pods stay Pending). */
  readonly controllers?: boolean;
  /** Also the scheduler, for nodes that somebody simulates. */
  readonly simulatesNodes?: boolean;
  readonly auditPolicyPath?: string;
}

/** Ready in about two seconds. It ends with `stop`, which removes its folder, or with the process that started it. */
export async function startControlPlane({
  name,
  controllers = false,
  simulatesNodes = false,
  ...options
}: StartControlPlaneOptions): Promise<ControlPlane> {
  const kube = join(await buildPrograms("kube"), "kube");
  const folder = await mkdtemp(join(tmpdir(), `control-plane-${name}-`));
  const [port, etcdClientPort, etcdPeerPort] = await freePorts();
  const plane = await createControlPlane({
    name,
    folder,
    kube,
    bindAddress: "127.0.0.1",
    address: "127.0.0.1",
    port,
    etcdClientPort,
    etcdPeerPort,
    // Nothing routes these: without nodes no packet is ever sent to one.
    serviceCidr: "10.96.0.0/16",
    podCidr: "10.244.0.0/16",
    serviceAddress: "10.96.0.1",
    parts: simulatesNodes ? "simulated" : controllers ? "controllers" : "api",
    ...options,
    diesWithParent: true,
  });
  const stop = async (): Promise<void> => {
    await plane.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await plane.start();
  } catch (error) {
    await Promise.all(plane.processes.map((spec) => stopProcess(spec.recordPath, 0)));
    throw error;
  }
  return { ...plane, stop };
}

async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      server.on("error", reject).listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
      return promise;
    }),
  );
  await Promise.all(servers.map(async (server) => server[Symbol.asyncDispose]()));
  const [first = 0, second = 0, third = 0] = ports;
  return [first, second, third];
}
