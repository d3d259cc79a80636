/**
 * Where a Redis or Valkey is and who we are there, as one URL, because a URL is what a Secret usually holds:
 *
 *   redis[s]://[user:password@]host[:port][,host[:port]...][/database]
 *   redis[s]+sentinel://[user:password@]host[:port][,...]/name-of-the-primary[?sentinelPassword=...]
 *
 * Several hosts are nodes of one cluster, or sentinels; which of them answers first does not matter. Pure.
 */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ServerUrl {
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** At least one. */
  readonly seeds: readonly Address[];
  /** Set: the seeds are sentinels and know the address of the primary by this name. */
  readonly sentinel: { readonly primary: string; readonly password: string | undefined } | undefined;
}

export class ServerUrlError extends Error {
  override readonly name = "ServerUrlError";
}

const SHAPE =
  /^(?<scheme>rediss?)(?<sentinel>\+sentinel)?:\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<hosts>[^/?@]+)(?:\/(?<path>[^/?]*))?(?:\?(?<query>.*))?$/;
const HOST = /^(?:\[(?<literal>[0-9a-fA-F:.]+)\]|(?<name>[^[\]:\s]+))(?::(?<port>\d{1,5}))?$/;

/** Throws ServerUrlError; its message never holds the URL, which holds a password. */
export function parseServerUrl(text: string): ServerUrl {
  const parts = SHAPE.exec(text.trim())?.groups;
  if (parts === undefined) throw new ServerUrlError("Cannot use the server's URL: it is not redis[s]://...");
  const { scheme, sentinel, user, password, hosts = "", path = "", query } = parts;
  const isSentinel = sentinel !== undefined;
  return {
    isTls: scheme === "rediss",
    username: decode(user),
    password: decode(password),
    database: isSentinel ? 0 : parseDatabase(path),
    seeds: hosts.split(",").map((host) => parseAddress(host, isSentinel ? 26_379 : 6_379)),
    sentinel: isSentinel ? parseSentinel(path, query) : undefined,
  };
}

function parseSentinel(path: string, query = ""): ServerUrl["sentinel"] {
  if (path === "")
    throw new ServerUrlError("Cannot use the server's URL: it names no primary after the sentinels");
  const password = new URLSearchParams(query).get("sentinelPassword") ?? undefined;
  return { primary: decodeURIComponent(path), password };
}

function parseAddress(text: string, defaultPort: number): Address {
  const { literal, name, port = String(defaultPort) } = HOST.exec(text)?.groups ?? {};
  const host = literal ?? name;
  if (host === undefined || Number(port) > 65_535) {
    throw new ServerUrlError(`Cannot use the server's URL: "${text}" is not host[:port]`);
  }
  return { host, port: Number(port) };
}

function parseDatabase(path: string): number {
  if (!/^\d{0,5}$/.test(path)) throw new ServerUrlError(`Cannot use the server's URL: no database "${path}"`);
  return Number(path);
}

function decode(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : decodeURIComponent(text);
}
