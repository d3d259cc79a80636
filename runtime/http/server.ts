/** Node's HTTP server as this service needs it, on a unix socket or a TCP address. */
import { createServer, type Server } from "node:http";
import { chmod, unlink } from "node:fs/promises";
import { Socket } from "node:net";
import type { ListenOptions } from "node:net";
import { encodeHeaders } from "./answer.ts";
import { createHttpDate } from "./http-date.ts";
import { PublishLane } from "./publish-lane.ts";
import type { LaneOptions } from "./lane-connection.ts";
import type { Handler } from "./router.ts";
import type { StreamEndpoint } from "./subscribe.ts";

export type ListenAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

/** A reconnect storm may bring every subscriber at once; the kernel caps this by its somaxconn. */
const BACKLOG = 16_384;
/** Longer than the sidecar keeps its idle connections, so that it never sends a request into one that closes. */
const KEEP_ALIVE_MS = 75_000;
/** Read and write for owner and group: the sidecar runs with another user of the same group. */
const SOCKET_MODE = 0o660;

export interface PublicServerOptions {
  readonly handler: Handler;
  readonly streams: StreamEndpoint;
  readonly lane: Pick<LaneOptions, "path" | "publish" | "cors">;
  /** Is told of what a stream's opening or a publisher's request threw; the router does the same for all else. */
  readonly onError: (error: unknown) => void;
}

type ServedLaneOptions = Omit<LaneOptions, "handOver" | "date" | "lastingHeaders">;

export interface PublicServer {
  readonly server: Server;
  close(): void;
}

export function createPublicServer({ handler, streams, lane, onError }: PublicServerOptions): PublicServer {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, shouldUpgradeCallback: (request) => streams.isUpgrade(request) },
    (request, response) => void handler(request, response),
  );
  const publishing = openLane(server, { ...lane, keepAliveMs: KEEP_ALIVE_MS, onError });
  server.on("upgrade", (request, socket) => {
    if (!(socket instanceof Socket)) return void socket.destroy();
    streams.upgrade(request, socket).catch((error: unknown) => {
      onError(error);
      socket.destroy();
    });
  });
  return {
    server,
    close: () => {
      publishing.close();
      closeServer(server);
    },
  };
}

/**
 * Every connection begins in the lane. The server listens nevertheless itself, since its timeouts do not run otherwise;
 * what it does with a connection is its own listener of that event.
 */
export function openLane(server: Server, options: ServedLaneOptions): PublishLane {
  const serve = server.listeners("connection");
  const lane = new PublishLane({
    ...options,
    date: createHttpDate(Date.now),
    lastingHeaders: encodeHeaders({
      connection: "keep-alive",
      "keep-alive": `timeout=${options.keepAliveMs / 1_000}`,
    }),
    handOver: (socket) => {
      for (const listener of serve) listener.call(server, socket);
    },
  });
  server.removeAllListeners("connection").on("connection", (socket) => lane.take(socket));
  return lane;
}

/** Takes no more connections and cuts those that it has; streams are no longer its own. */
export function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

export function createManagementServer(handler: Handler): Server {
  return createServer((request, response) => void handler(request, response));
}

/** Rejects when the address cannot be had. The socket file of a process that was killed is replaced. */
export async function listen(server: Server, address: ListenAddress): Promise<void> {
  if (!("socketPath" in address)) return listening(server, { ...address, backlog: BACKLOG });
  await removeStale(address.socketPath);
  await listening(server, { path: address.socketPath, backlog: BACKLOG });
  await chmod(address.socketPath, SOCKET_MODE);
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function removeStale(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
