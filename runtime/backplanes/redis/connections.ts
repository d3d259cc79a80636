/** The connections of one backplane, one for each purpose: opened alike, judged and closed together. */
import { Connection } from "./connection.ts";
import type { Log } from "./log.ts";
import { openPrimary, type ServerOptions } from "./primary.ts";
import type { Session } from "./session.ts";
import type { BackplaneHealth } from "#runtime/broker/backplane.ts";

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

  /** Up when every one of them reaches its server; `report` is what is known of it otherwise. */
  health(report: Omit<BackplaneHealth, "state">): BackplaneHealth {
    const all = [...this.#all];
    if (all.every((connection) => connection.isUp)) return { state: "up", ...report };
    const [trouble] = all.flatMap((connection) => connection.trouble ?? []);
    const problems = trouble === undefined ? [] : [`The server cannot be used: ${trouble}.`];
    return { state: "down", durability: report.durability, problems };
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
