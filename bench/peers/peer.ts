/** What is measured: a server that can be started in a folder of its own, and how to subscribe and publish there. */
import type { Progress } from "#cluster/progress.ts";
import type { PublishEndpoint, SubscribeEndpoint } from "../fan-out/load.ts";
import type { Programs } from "../fan-out/programs.ts";
import type { Server } from "../fan-out/server.ts";

export type PeerName =
  | "runtime"
  | "runtime-tcp"
  | "send-loop"
  | "article"
  | "goroutine"
  | "nchan"
  | "centrifugo";

export interface Peer {
  readonly name: PeerName;
  /** For the table: what it is and how it is reached. */
  readonly title: string;
  /** Brings onto the machine what it needs, before anything is measured. */
  prepare?(progress: Progress): Promise<void>;
  start(folder: string, programs: Programs): Promise<RunningPeer>;
}

export interface RunningPeer {
  readonly server: Server;
  readonly subscribe: SubscribeEndpoint;
  readonly publish: PublishEndpoint;
  /** Many events in one request, where the server can do that. */
  readonly publishBatch?: PublishEndpoint;
  /** The same with a topic for each subscriber, where that is compared. */
  readonly eachItsOwn?: { readonly subscribe: SubscribeEndpoint; readonly publish: PublishEndpoint };
}

/** A request's first lines, each ended. */
export function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join("");
}
