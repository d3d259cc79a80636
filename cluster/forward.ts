/** A program: carries TCP connections from a loopback port to the first of several addresses that answers. */
import { writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";

const [readyPath = "", port = "", ...targets] = process.argv.slice(2);
const connectTimeoutMs = 1_000;

/** A connected socket to the first target that takes the connection in time. */
async function reach(): Promise<Socket | undefined> {
  for (const target of targets) {
    const [host = "", targetPort = ""] = target.split(":");
    const socket = connect(Number(targetPort), host);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.setTimeout(connectTimeoutMs, () => resolve(false)).on("error", () => resolve(false));
    socket.on("connect", () => resolve(true));
    if (await promise) return socket.setTimeout(0);
    socket.destroy();
  }
  return undefined;
}

async function carry(client: Socket): Promise<void> {
  client.on("error", () => client.destroy());
  const upstream = await reach();
  if (upstream === undefined || client.destroyed) {
    client.destroy();
    upstream?.destroy();
    return;
  }
  upstream.on("error", () => client.destroy()).on("close", () => client.destroy());
  client.on("close", () => upstream.destroy());
  client.pipe(upstream).pipe(client);
}

function listen(host: string, onReady: () => void): void {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void carry(client));
  server.on("error", (error: NodeJS.ErrnoException) => {
    // A machine without IPv6 has no ::1, and needs none.
    if (host === "::1" && error.code !== "EADDRINUSE") return;
    process.stderr.write(`Cannot listen on port ${port} of ${host}: ${error.message}\n`);
    process.exitCode = 1;
    process.exit();
  });
  server.listen(Number(port), host, onReady);
}

listen("127.0.0.1", () => writeFileSync(readyPath, ""));
listen("::1", () => undefined);
