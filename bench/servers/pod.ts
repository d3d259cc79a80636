/** A pod's two processes: the runtime on a unix socket, and nginx before it. */
import { join } from "node:path";
import { startRuntime } from "./our-runtime.ts";
import type { Programs } from "./programs.ts";
import type { Server } from "./server.ts";
import { startSidecar } from "./sidecar.ts";

export interface Pod {
  readonly nginx: Server;
  readonly runtime: Server;
}

export async function startPod(folder: string, { runtime: bundle }: Programs): Promise<Pod> {
  const socket = join(folder, "runtime.sock");
  const runtime = await startRuntime({ folder, bundle, listen: { network: "unix", address: socket } });
  try {
    return { runtime, nginx: await startSidecar(folder, socket) };
  } catch (error) {
    await runtime.stop();
    throw error;
  }
}
