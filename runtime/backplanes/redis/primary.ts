/**
 * Finds the server that takes the writes: the one named, the one that sentinels name, or the node of a cluster that
 * owns the keys. Sentinels switch over while the old primary still runs and takes writes that will be thrown away, so
 * a session ends as soon as they name another.
 */
import { pause } from "#runtime/pause.ts";
import { parseList, parseText } from "./reply.ts";
import { parseServerUrl, type Address, type ServerUrl } from "./server-url.ts";
import { errorCode, openSession, type Session } from "./session.ts";

export interface ServerOptions {
  /** Read anew for each session, as the password may have changed. Rejects when there is none. */
  readonly readUrl: () => Promise<string>;
  /** The certificate authority to trust, in PEM; undefined: those that Node trusts. */
  readonly readCa: () => Promise<string | undefined>;
  readonly answerTimeoutMs: number;
}

interface Server {
  readonly url: ServerUrl;
  readonly ca: string | undefined;
  readonly answerTimeoutMs: number;
}

const SENTINEL_POLL_MS = 500;
const MOVED_AWAY = "Cannot go on: the sentinels name another primary";
const MAX_REDIRECTIONS = 3;
const MOVED = /^MOVED \d+ (?<host>.*):(?<port>\d+)$/;

/** Rejects when it cannot be found or reached. The key decides which node of a cluster it is. */
export async function openPrimary(options: ServerOptions, key: string): Promise<Session> {
  const server: Server = {
    url: parseServerUrl(await options.readUrl()),
    ca: await options.readCa(),
    answerTimeoutMs: options.answerTimeoutMs,
  };
  const { seeds, sentinel } = server.url;
  if (sentinel === undefined) return await firstOf(seeds, (seed) => openOwner(server, seed, key));
  const ask = (): Promise<Address> => firstOf(seeds, (seed) => askSentinel(server, seed, sentinel.primary));
  const address = await ask();
  const session = await openAt(server, address);
  try {
    await requirePrimary(session);
    // A server that hung while it was opened may have been replaced meanwhile, and still think itself the primary.
    if (!isSameAddress(await ask(), address)) throw new Error(MOVED_AWAY);
  } catch (error) {
    session.end(error);
    throw error;
  }
  void endWhenMoved(session, server, address, sentinel.primary);
  return session;
}

async function openOwner(server: Server, seed: Address, key: string): Promise<Session> {
  let address = seed;
  for (let left = MAX_REDIRECTIONS; ; left--) {
    const session = await openAt(server, address);
    try {
      await session.send(["EXISTS", key]);
      return session;
    } catch (error) {
      session.end(error);
      const { host, port } = MOVED.exec(error instanceof Error ? error.message : "")?.groups ?? {};
      if (port === undefined || left === 0) throw error;
      // A node that does not know its own name answers without one: it is the one that we have asked.
      address = { host: host === undefined || host === "" ? address.host : host, port: Number(port) };
    }
  }
}

/** Sentinels tell the promoted replica's address a moment before it is the primary. */
async function requirePrimary(session: Session): Promise<void> {
  const [role] = parseList(await session.send(["ROLE"]));
  if (parseText(role) === "master") return;
  throw new Error("Cannot use the server that the sentinels name: it is not the primary yet");
}

function isSameAddress(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port;
}

async function askSentinel(server: Server, seed: Address, primary: string): Promise<Address> {
  const sentinel = await openSentinel(server, seed);
  try {
    return await addressOf(sentinel, primary);
  } finally {
    sentinel.end(new Error("The sentinel has answered."));
  }
}

/** A sentinel that is gone is replaced by the next one that answers. */
async function endWhenMoved(session: Session, server: Server, from: Address, primary: string): Promise<void> {
  while (!session.signal.aborted) {
    const moved = firstOf(server.url.seeds, (seed) =>
      watchSentinel(server, seed, session.signal, from, primary),
    );
    await moved.then(
      () => session.end(new Error(MOVED_AWAY)),
      () => pause(SENTINEL_POLL_MS, session.signal),
    );
  }
}

/** Resolves when it names another address, or the signal aborts. */
async function watchSentinel(
  server: Server,
  seed: Address,
  signal: AbortSignal,
  from: Address,
  primary: string,
): Promise<void> {
  const sentinel = await openSentinel(server, seed);
  try {
    while (!signal.aborted) {
      if (!isSameAddress(await addressOf(sentinel, primary), from)) return;
      await pause(SENTINEL_POLL_MS, signal);
    }
  } finally {
    sentinel.end(new Error("The sentinel is no longer needed."));
  }
}

async function addressOf(sentinel: Session, primary: string): Promise<Address> {
  const reply = await sentinel.send(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", primary]);
  if (reply === null) throw new Error(`Cannot find the primary "${primary}": the sentinels do not know it`);
  const [host, port] = parseList(reply).map(parseText);
  return { host: host ?? "", port: Number(port) };
}

function openAt({ url, ca, answerTimeoutMs }: Server, address: Address): Promise<Session> {
  const { username, password, database } = url;
  const tls = url.isTls ? { ca } : undefined;
  return openSession({ address, username, password, database, tls, answerTimeoutMs });
}

function openSentinel({ url, ca, answerTimeoutMs }: Server, address: Address): Promise<Session> {
  const tls = url.isTls ? { ca } : undefined;
  const password = url.sentinel?.password;
  return openSession({ address, username: undefined, password, database: 0, tls, answerTimeoutMs });
}

/** The first address that works, tried one after the other; rejects with the last one's error. */
async function firstOf<T>(addresses: readonly Address[], use: (address: Address) => Promise<T>): Promise<T> {
  let last: unknown;
  for (const address of addresses) {
    try {
      return await use(address);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** The server, or what stands before it, is no longer the one to ask. */
export function isMoved(error: unknown): boolean {
  const code = errorCode(error);
  return code === "READONLY" || code === "MOVED" || code === "ASK" || code === "CLUSTERDOWN";
}
