/** The servers whose sources are in bench/hubs: all listen on the socket that they are told. */
import { join } from "node:path";
import type { Address } from "../load/load.ts";
import { startServer } from "../servers/server.ts";
import { lines } from "../servers/request.ts";
import type { Peer } from "./peer.ts";

export const article = smallServer("article", "Go, one broadcaster");
export const goroutine = smallServer("goroutine", "Go, a goroutine a client");
export const sendLoop = smallServer("send-loop", "C, a loop of send(2)");

function smallServer(name: "article" | "goroutine" | "send-loop", title: string): Peer {
  return {
    name,
    title,
    isOurs: false,
    async start(folder, { tools }) {
      const address: Address = { network: "unix", address: join(folder, `${name}.sock`) };
      return {
        server: await startServer([join(tools, name), address.address], address),
        subscribe: { ...address, request: lines("GET /status HTTP/1.1", "Host: bench", "") },
        publish: {
          ...address,
          head: lines("POST /submit HTTP/1.1", "Host: bench", "Content-Type: text/plain"),
        },
      };
    },
  };
}
