/** A relay on loopback that can be cut: a network that fails while both sides are well. For tests only. */
import { createServer, type AddressInfo, type Server, type Socket, connect } from "node:net";

export type TcpRelay = {
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** After a cut. */
  heal(): Promise<void>;
  /** The connections that are open now stay open, and carry nothing any more; new ones are well. */
  swallow(): void;
};

export async function startTcpRelay(target: URL): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const port = await listen(server, 0);
  return {
    url: `https://127.0.0.1:${port}`,
    cut: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    heal: async () => {
      await listen(server, port);
    },
    swallow: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.resume();
      }
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot relay: no TCP address");
  return address.port;
}
