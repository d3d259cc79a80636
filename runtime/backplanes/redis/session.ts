/**
 * One connection to one server, from its handshake to its end: it is never mended, a new one is opened instead, so
 * that whoever uses it must look again at what the server holds. Nothing is ever sent twice, and nothing waits for
 * ever: a server that has stopped answering ends the session, and with it all that waits for an answer.
 */
import { createHash } from "node:crypto";
import { createClient, ErrorReply, RESP_TYPES } from "@redis/client";
import type { Address } from "./server-url.ts";

/** What is asked for and what an answer is made of. */
export type Argument = string | Buffer;

export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function createScript(source: string): Script {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}

export interface SessionOptions {
  readonly address: Address;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Set: TLS, and the certificate authority to trust in place of the usual ones. */
  readonly tls: { readonly ca: string | undefined } | undefined;
  /** The longest time without an answer, a little more or less. */
  readonly answerTimeoutMs: number;
}

const TICK_MS = 250;
const PING_TICKS = 4;

type Client = ReturnType<typeof createSessionClient>;

/** Rejects when the server cannot be reached, refuses us or does not answer in time. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const session = new Session(createSessionClient(options), options.answerTimeoutMs);
  await session.connect();
  return session;
}

export class Session {
  readonly #client: Client;
  readonly #maxTicks: number;
  readonly #ending = new AbortController();
  /** When each command that waits for its answer was sent; the oldest first. */
  readonly #waiting = new Set<{ readonly tick: number }>();
  /** Not a clock: a stall of this process must not look like one of the server. */
  #tick = 0;
  #quietTicks = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(client: Client, answerTimeoutMs: number) {
    this.#client = client;
    this.#maxTicks = Math.ceil(answerTimeoutMs / TICK_MS);
    this.#timer = setInterval(() => this.#watch(), TICK_MS);
    client.on("error", (error: Error) => this.end(error));
  }

  /** Aborted, with the cause as its reason, once the session has ended. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  async connect(): Promise<void> {
    try {
      await this.#timed(Promise.race([this.#client.connect(), rejectedOnAbort(this.signal)]));
    } catch (error) {
      this.end(error);
      throw error;
    }
  }

  /** Commands are executed in the order of the calls. An error tells whether the server has answered: ErrorReply. */
  send(command: readonly Argument[]): Promise<unknown> {
    return this.#timed(this.#client.sendCommand(command));
  }

  /** The server forgets its scripts when it restarts, so the source may have to go along. */
  async run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.send(["EVALSHA", script.sha, ...rest]);
    } catch (error) {
      if (errorCode(error) !== "NOSCRIPT") throw error;
      return await this.send(["EVAL", script.source, ...rest]);
    }
  }

  /** Messages and answers come in the order in which the server made them. */
  subscribe(channel: string, onMessage: (message: Buffer) => void): Promise<void> {
    return this.#timed(this.#client.subscribe(channel, onMessage, true));
  }

  /** Idempotent. What waits for an answer is rejected: whether it was executed is not known. */
  end(cause: unknown): void {
    if (this.signal.aborted) return;
    clearInterval(this.#timer);
    this.#ending.abort(cause);
    this.#client.destroy();
  }

  async #timed<T>(answer: Promise<T>): Promise<T> {
    const mark = { tick: this.#tick };
    this.#waiting.add(mark);
    this.#quietTicks = 0;
    try {
      return await answer;
    } finally {
      this.#waiting.delete(mark);
    }
  }

  #watch(): void {
    this.#tick++;
    const [oldest] = this.#waiting;
    if (oldest === undefined) {
      if (++this.#quietTicks >= PING_TICKS) this.send(["PING"]).catch((error: unknown) => this.end(error));
    } else if (this.#tick - oldest.tick > this.#maxTicks) {
      this.end(new Error(`Cannot reach the server: no answer for ${this.#maxTicks * TICK_MS} ms`));
    }
  }
}

/** Never resolves; rejects with the signal's reason. */
export function rejectedOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** The first word of an error that the server has answered with, such as "OOM"; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof ErrorReply ? error.message.split(" ", 1)[0] : undefined;
}

function createSessionClient(options: SessionOptions) {
  const { address, username, password, database, tls, answerTimeoutMs } = options;
  return createClient({
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    commandOptions: {
      timeout: 0,
      typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.MAP]: Array },
    },
    socket: {
      host: address.host,
      port: address.port,
      connectTimeout: answerTimeoutMs,
      reconnectStrategy: false,
      ...(tls === undefined ? {} : { tls: true, ...(tls.ca === undefined ? {} : { ca: tls.ca }) }),
    },
  });
}
