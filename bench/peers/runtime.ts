/** Our runtime with its history in memory, over either kind of socket, and with it in Valkey. */
import { join } from "node:path";
import type { Address } from "../load/load.ts";
import { publishTo, startRuntime, subscribeTo } from "../servers/our-runtime.ts";
import type { Programs } from "../servers/programs.ts";
import { together, type Server } from "../servers/server.ts";
import { onValkey, prepareValkey, startValkey } from "../servers/valkey.ts";
import type { Peer, RunningPeer } from "./peer.ts";

const TCP_PORT = 18_471;

export const runtime: Peer = {
  name: "runtime",
  title: "this runtime",
  isOurs: true,
  async start(folder, { runtime: bundle }) {
    const listen = socketIn(folder);
    return endpoints(await startRuntime({ folder, bundle, listen }), listen);
  },
};

export const runtimeTcp: Peer = {
  name: "runtime-tcp",
  title: "this runtime, over TCP",
  isOurs: true,
  async start(folder, { runtime: bundle }) {
    const listen: Address = { network: "tcp", address: `127.0.0.1:${TCP_PORT}` };
    return endpoints(await startRuntime({ folder, bundle, listen }), listen);
  },
};

export const runtimeValkey: Peer = {
  name: "runtime-valkey",
  title: "this runtime, on Valkey Streams",
  isOurs: true,
  prepare: (progress) => progress.step("get Valkey (once, then cached)", undefined, prepareValkey),
  start: startOnValkey,
};

async function startOnValkey(folder: string, { runtime: bundle }: Programs): Promise<RunningPeer> {
  const listen = socketIn(folder);
  const valkey = await startValkey(folder);
  try {
    const server = await startRuntime({ folder, bundle, listen, config: { backplane: onValkey } });
    return endpoints(together(server, valkey), listen);
  } catch (error) {
    await valkey.stop();
    throw error;
  }
}

function socketIn(folder: string): Address {
  return { network: "unix", address: join(folder, "runtime.sock") };
}

function endpoints(server: Server, address: Address): RunningPeer {
  const ndjson = publishTo(address, "application/x-ndjson");
  const after = '"}\n';
  return {
    server,
    subscribe: subscribeTo(address, "bench"),
    publish: publishTo(address, "text/plain"),
    publishBatch: { ...ndjson, before: '{"data":"', after },
    eachItsOwn: {
      subscribe: subscribeTo(address, "bench-{n}"),
      publish: { ...ndjson, before: '{"topic":"bench-{n}","data":"', after },
    },
  };
}
