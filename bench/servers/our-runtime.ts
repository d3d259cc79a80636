/** Our runtime, bundled as in the image, with topics, ids, replay and a publisher's token: nothing is left out. */
import { mkdir, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { until } from "#cluster/wait.ts";
import type { RuntimeConfigInput } from "#runtime/config.ts";
import type { Address, Http1Subscribe, PublishEndpoint } from "../load/load.ts";
import { lines } from "./request.ts";
import { placeOf, startServer, type Server } from "./server.ts";

const START_MS = 15_000;
const TOKEN = "only-of-this-benchmark-0123456789";

export interface RuntimeOptions {
  /** For its files; it may have been used by an earlier process. */
  readonly folder: string;
  /** Holds `runtime.mjs`. */
  readonly bundle: string;
  readonly listen: Address;
  readonly config?: RuntimeConfigInput;
  readonly nodeArguments?: readonly string[];
}

export async function startRuntime(options: RuntimeOptions): Promise<Server> {
  const { folder, bundle, listen, config = {}, nodeArguments = [] } = options;
  const tokenDirectory = join(folder, "tokens");
  await mkdir(tokenDirectory, { recursive: true });
  await writeFile(join(tokenDirectory, "token"), TOKEN);
  const whole: RuntimeConfigInput = {
    listen: placeOf(listen),
    management: { host: "127.0.0.1", port: 0 },
    limits: { maxConnections: 20_000 },
    access: { publish: { mode: "Token", tokenDirectory } },
    ...config,
  };
  const configPath = join(folder, "runtime.json");
  await writeFile(configPath, JSON.stringify(whole));
  const command = [process.execPath, ...nodeArguments, join(bundle, "runtime.mjs")];
  const env = { SSE_CONFIG: configPath, NODE_ENV: "production", LOG_LEVEL: "warn" };
  const server = await startServer(command, listen, { env });
  // It listens before it has read its history, and tells streams to come back meanwhile.
  const isServing = async () => (await firstBlock(listen)).includes("\nid: ");
  await until("the runtime serves streams", isServing, { timeoutMs: START_MS, intervalMs: 10 });
  return server;
}

function firstBlock(address: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ ...placeOf(address), path: "/status" }, (response) => {
      response.once("data", (chunk: Buffer) => {
        resolve(chunk.toString());
        request.destroy();
      });
    });
    request.on("error", reject);
  });
}

/** As the sidecar asks. */
export function subscribeTo(address: Address, topic: string): Http1Subscribe {
  const headers = ["Host: bench", "Connection: upgrade", "Upgrade: sse"];
  return { ...address, request: lines(`GET /status?topic=${topic} HTTP/1.1`, ...headers, "") };
}

export function publishTo(address: Address, type: "text/plain" | "application/x-ndjson"): PublishEndpoint {
  const headers = ["Host: bench", `Authorization: Bearer ${TOKEN}`, `Content-Type: ${type}`];
  return { ...address, head: lines("POST /submit?topic=bench HTTP/1.1", ...headers) };
}
