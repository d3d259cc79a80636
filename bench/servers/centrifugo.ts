/** Centrifugo with its unidirectional SSE endpoint and its HTTP API; with a certificate it ends its own TLS. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#cluster/commands.ts";
import { silent, type Progress } from "#cluster/progress.ts";
import type { Address, PublishEndpoint } from "../load/load.ts";
import type { CertificateFiles } from "./certificate.ts";
import { buildOnce } from "./programs.ts";
import { lines } from "./request.ts";
import { startServer, type Server } from "./server.ts";

const MODULE = "github.com/centrifugal/centrifugo/v6@v6.9.1";
const PORT = 18_472;
const CONNECT = encodeURIComponent(JSON.stringify({ subs: { bench: {} } }));

export const centrifugoAddress: Address = { network: "tcp", address: `127.0.0.1:${PORT}` };

/** Where an event stream of the one channel is. */
export const STREAM_PATH = `/connection/uni_sse?cf_connect=${CONNECT}`;

export const centrifugoPublish: PublishEndpoint = {
  ...centrifugoAddress,
  head: lines("POST /api/publish HTTP/1.1", "Host: bench", "Content-Type: application/json"),
  before: '{"channel":"bench","data":"',
  after: '"}',
};

export async function prepareCentrifugo(progress: Progress): Promise<void> {
  await build(progress);
}

export async function startCentrifugo(folder: string, tls?: CertificateFiles): Promise<Server> {
  const path = join(folder, "centrifugo.json");
  await writeFile(path, JSON.stringify(buildConfig(tls)));
  return startServer([await build(silent), "-c", path], centrifugoAddress);
}

async function build(progress: Progress): Promise<string> {
  const title = "build Centrifugo (once, then cached)";
  const folder = await buildOnce("centrifugo", title, [MODULE], progress, async (output, logPath) => {
    await run(["go", "install", MODULE], { logPath, env: { GOBIN: output, CGO_ENABLED: "0" } });
  });
  return join(folder, "centrifugo");
}

function buildConfig(tls: CertificateFiles | undefined): object {
  const secured = tls && { tls: { enabled: true, cert_pem: tls.certificate, key_pem: tls.key } };
  return {
    log: { level: "error" },
    http_server: { address: "127.0.0.1", port: `${PORT}`, ...secured },
    // It cuts a client for which more than 1 MiB waits; a flood of 8 publishers must not end its streams.
    client: { insecure: true, connection_limit: 0, queue_max_size: 268_435_456 },
    uni_sse: { enabled: true },
    http_api: { insecure: true },
    channel: { without_namespace: { history_size: 10_000, history_ttl: "1h" } },
  };
}
