/** Centrifugo's unidirectional SSE endpoint and its HTTP API. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#cluster/commands.ts";
import { silent, type Progress } from "#cluster/progress.ts";
import type { Address } from "../load/load.ts";
import { buildOnce } from "../servers/programs.ts";
import { startServer } from "../servers/server.ts";
import { lines } from "../servers/request.ts";
import type { Peer } from "./peer.ts";

const MODULE = "github.com/centrifugal/centrifugo/v6@v6.9.1";
const PORT = 18_472;
const CONNECT = encodeURIComponent(JSON.stringify({ subs: { bench: {} } }));

export const centrifugo: Peer = {
  name: "centrifugo",
  title: "Centrifugo, over TCP",
  isOurs: false,
  prepare: async (progress) => void (await build(progress)),
  async start(folder) {
    const address: Address = { network: "tcp", address: `127.0.0.1:${PORT}` };
    const configPath = join(folder, "centrifugo.json");
    await writeFile(configPath, JSON.stringify(buildConfig()));
    return {
      server: await startServer([await build(silent), "-c", configPath], address),
      subscribe: {
        ...address,
        request: lines(`GET /connection/uni_sse?cf_connect=${CONNECT} HTTP/1.1`, "Host: bench", ""),
      },
      publish: {
        ...address,
        head: lines("POST /api/publish HTTP/1.1", "Host: bench", "Content-Type: application/json"),
        before: '{"channel":"bench","data":"',
        after: '"}',
      },
    };
  },
};

async function build(progress: Progress): Promise<string> {
  const title = "build Centrifugo (once, then cached)";
  const folder = await buildOnce("centrifugo", title, [MODULE], progress, async (output, logPath) => {
    await run(["go", "install", MODULE], { logPath, env: { GOBIN: output, CGO_ENABLED: "0" } });
  });
  return join(folder, "centrifugo");
}

function buildConfig(): object {
  return {
    log: { level: "error" },
    http_server: { address: "127.0.0.1", port: `${PORT}` },
    client: { insecure: true, connection_limit: 0 },
    uni_sse: { enabled: true },
    http_api: { insecure: true },
    channel: { without_namespace: { history_size: 10_000, history_ttl: "1h" } },
  };
}
