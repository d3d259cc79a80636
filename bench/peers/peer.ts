/** What is measured: a server that can be started in a folder of its own, and how to subscribe and publish there. */
import type { Progress } from "#cluster/progress.ts";
import type { Http1Subscribe, PublishEndpoint } from "../load/load.ts";
import type { Programs } from "../servers/programs.ts";
import type { Server } from "../servers/server.ts";
import type { Measured } from "../report/rounds.ts";

export type PeerName =
  | "runtime"
  | "runtime-tcp"
  | "runtime-valkey"
  | "send-loop"
  | "article"
  | "goroutine"
  | "nchan"
  | "centrifugo";

export interface Peer extends Measured<PeerName> {
  /** Brings onto the machine what it needs, before anything is measured. */
  prepare?(progress: Progress): Promise<void>;
  start(folder: string, programs: Programs): Promise<RunningPeer>;
}

export interface RunningPeer {
  readonly server: Server;
  readonly subscribe: Http1Subscribe;
  readonly publish: PublishEndpoint;
  /** Many events in one request, where the server can do that. */
  readonly publishBatch?: PublishEndpoint;
  /** The same with a topic for each subscriber, where that is compared. */
  readonly eachItsOwn?: { readonly subscribe: Http1Subscribe; readonly publish: PublishEndpoint };
}
