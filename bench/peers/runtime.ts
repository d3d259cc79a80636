/** Our runtime, bundled as in the image, with topics, ids, replay and a publisher's token: nothing is left out. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RuntimeConfigInput } from "#runtime/config.ts";
import type { Address, PublishEndpoint, SubscribeEndpoint } from "../fan-out/load.ts";
import { startServer } from "../fan-out/server.ts";
import { lines, type Peer } from "./peer.ts";

const TOKEN = "only-of-this-benchmark-0123456789";
const TCP_PORT = 18_471;

export const runtime: Peer = {
  name: "runtime",
  title: "this runtime",
  start: (folder, programs) =>
    start(folder, programs.runtime, { network: "unix", address: join(folder, "runtime.sock") }),
};

export const runtimeTcp: Peer = {
  name: "runtime-tcp",
  title: "this runtime, over TCP",
  start: (folder, programs) =>
    start(folder, programs.runtime, { network: "tcp", address: `127.0.0.1:${TCP_PORT}` }),
};

async function start(folder: string, bundle: string, address: Address): ReturnType<Peer["start"]> {
  const tokenDirectory = join(folder, "tokens");
  await mkdir(tokenDirectory);
  await writeFile(join(tokenDirectory, "token"), TOKEN);
  const config: RuntimeConfigInput = {
    listen:
      address.network === "unix" ? { socketPath: address.address } : { host: "127.0.0.1", port: TCP_PORT },
    management: { host: "127.0.0.1", port: 0 },
    limits: { maxConnections: 20_000 },
    access: { publish: { mode: "Token", tokenDirectory } },
  };
  const configPath = join(folder, "runtime.json");
  await writeFile(configPath, JSON.stringify(config));
  const command = [process.execPath, join(bundle, "runtime.mjs")];
  const env = { SSE_CONFIG: configPath, NODE_ENV: "production", LOG_LEVEL: "warn" };
  const subscribe = (topic: string): SubscribeEndpoint => ({
    ...address,
    // As the sidecar asks.
    request: lines(
      `GET /status?topic=${topic} HTTP/1.1`,
      "Host: bench",
      "Connection: upgrade",
      "Upgrade: sse",
      "",
    ),
  });
  const publish = (type: string): PublishEndpoint => ({
    ...address,
    head: lines(
      "POST /submit?topic=bench HTTP/1.1",
      "Host: bench",
      `Authorization: Bearer ${TOKEN}`,
      `Content-Type: ${type}`,
    ),
  });
  const ndjson = publish("application/x-ndjson");
  const after = '"}\n';
  return {
    server: await startServer(command, address, env),
    subscribe: subscribe("bench"),
    publish: publish("text/plain"),
    publishBatch: { ...ndjson, before: '{"data":"', after },
    eachItsOwn: {
      subscribe: subscribe("bench-{n}"),
      publish: { ...ndjson, before: '{"topic":"bench-{n}","data":"', after },
    },
  };
}
