/**
 * Answers for every pod, at every address of this network namespace: on the management port as the runtime does when all is
 * well, and on the Service's as nginx before it, with the certificate that the operator has given to that service.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import { createSecureContext, type SecureContext } from "node:tls";
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import { decodeSecret } from "#operator/secret-data.ts";
import { certificateSecretName } from "#operator/sseservice/names.ts";
import { MANAGEMENT_PORT } from "#operator/sseservice/resources/pod-layout.ts";
import { CERTIFICATE_KEY, PRIVATE_KEY_KEY } from "#operator/sseservice/resources/secrets.ts";

const STATS = JSON.stringify({ connections: 0, backplane: { state: "up", problems: [] } });
const HEARTBEAT = "id: 0\n\n";
const HTTPS_PORT = 443;

export type ReadSecret = (namespace: string, name: string) => Promise<KubernetesObject | undefined>;

/** Resolves with how to stop them. */
export async function startStandInPods(readSecret: ReadSecret): Promise<() => Promise<void>> {
  const management = createServer((_request, response) => {
    response.setHeader("content-type", "application/json").end(STATS);
  });
  const streams = createStreams(readSecret);
  await Promise.all([listen(management, MANAGEMENT_PORT), listen(streams, HTTPS_PORT)]);
  return async () => {
    management.closeAllConnections();
    await Promise.all([stop(management), stop(streams)]);
  };
}

/** Each is asked for by its name inside the cluster, `name.namespace.svc`. */
function createStreams(readSecret: ReadSecret): Http2SecureServer {
  const contextOf = async (host: string): Promise<SecureContext> => {
    const [name = "", namespace = ""] = host.split(".");
    const data = decodeSecret(await readSecret(namespace, certificateSecretName(name)));
    return createSecureContext({ cert: data[CERTIFICATE_KEY], key: data[PRIVATE_KEY_KEY] });
  };
  const server = createSecureServer({
    SNICallback: (host, answer) => {
      contextOf(host).then((context) => answer(null, context), answer);
    },
  });
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => stream.destroy()); // whoever looks goes as soon as it has seen enough
    stream.respond({ ":status": 200, "content-type": "text/event-stream" });
    stream.write(HEARTBEAT);
  });
  server.on("sessionError", () => {});
  return server;
}

async function listen(server: Server | Http2SecureServer, port: number): Promise<void> {
  server.listen(port);
  await once(server, "listening");
}

async function stop(server: Server | Http2SecureServer): Promise<void> {
  server.close();
  await once(server, "close");
}
