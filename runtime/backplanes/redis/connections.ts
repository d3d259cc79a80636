/** The connections of one backplane, one for each purpose: opened alike, judged and closed together. */
import { Connection } from "./connection.ts";
import type { Log } from "./log.ts";
import { openPrimary, type ServerOptions } from "./primary.ts";
import type { Session } from "./session.ts";

export class Connections {
  readonly #server: ServerOptions;
  /** A key whose holder is the primary, in a cluster. */
  readonly #key: string;
  readonly #log: Log;
  readonly #all = new Set<Connection>();
  #isClosed = false;

  constructor(server: ServerOptions, key: string, log: Log) {
    this.#server = server;
    this.#key = key;
    this.#log = log;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Every one of them reaches its server. */
  get areUp(): boolean {
    return [...this.#all].every((connection) => connection.isUp);
  }

  open(purpose: string, serve: (session: Session, ready: () => void) => Promise<never>): Connection {
    const open = () => openPrimary(this.#server, this.#key);
    const connection = new Connection({ purpose, open, serve, log: this.#log });
    this.#all.add(connection);
    return connection;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((connection) => connection.close()));
  }
}
