/**
 * The one way to the API server: HTTP/2 over one connection, whatever the number of watches and requests, with the
 * credentials asked for at each request. Knows neither resources nor JSON.
 */
import type { RequestOptions } from "node:https";
import { Agent, request } from "undici";
import { type Clock, systemClock } from "#operator/engine/clock.ts";

export type HttpRequest = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash; with the query string. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
};

export type HttpResponse = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Has to be read to its end, or the request aborted. */
  body: AsyncIterable<Uint8Array>;
};

/** Rejects when there is no answer; an error status is an answer. Both before and while the body is read. */
export type Transport = {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Cuts what is still open. */
  close(): Promise<void>;
};

export type RequestRecord = {
  method: HttpRequest["method"];
  /** With its port. */
  host: string;
  /** Undefined when there was no answer. */
  status: number | undefined;
};

/** Where the API server is, and as whom to ask: a kubeconfig is one. */
export type Credentials = {
  getCurrentCluster(): { readonly server: string } | null;
  /** Called at each request, so that a token may change; ca, cert and key are taken once per connection. */
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
};

export type TransportOptions = {
  /** Read anew when the server's or our own credentials may have been rotated, at most every ten seconds. */
  loadConfig: () => Credentials | Promise<Credentials>;
  userAgent: string;
  /** Two unanswered pings end a connection whose other side is gone without a word. */
  pingIntervalMs?: number;
  /** Told of every request once it is answered or has failed; for metrics. */
  onRequest?: (request: RequestRecord) => void;
  clock?: Pick<Clock, "now">;
};

type Connection = {
  config: Credentials;
  server: string;
  host: string;
  agent: Agent;
  openedMs: number;
  isForgotten: boolean;
};

/** A watch's bookmarks come about once a minute, so a body that is silent for longer is a dead one. */
const BODY_TIMEOUT_MS = 90_000;
const HEADERS_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 10_000;
const MIN_RELOAD_INTERVAL_MS = 10_000;

export function createTransport(options: TransportOptions): Transport {
  return new UndiciTransport(options);
}

class UndiciTransport implements Transport {
  readonly #options: Required<TransportOptions>;
  /** The one that requests take; opened by the first of them. */
  #connection: Promise<Connection> | undefined;
  /** With those that only wait for their last watch to end. */
  readonly #open = new Set<Connection>();

  constructor(options: TransportOptions) {
    this.#options = { pingIntervalMs: PING_INTERVAL_MS, onRequest: () => {}, clock: systemClock, ...options };
  }

  async send({ method, path, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const connection = await this.#connect();
    const { host } = connection;
    try {
      const response = await request(`${connection.server}${path}`, {
        method,
        dispatcher: connection.agent,
        headers: {
          "user-agent": this.#options.userAgent,
          ...(await authHeaders(connection.config)),
          ...headers,
        },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      });
      this.#options.onRequest({ method, host, status: response.statusCode });
      if (response.statusCode === 401) this.#forget(connection);
      return { status: response.statusCode, headers: response.headers, body: response.body };
    } catch (error) {
      this.#options.onRequest({ method, host, status: undefined });
      if (isCertificateError(error)) this.#forget(connection);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#connection = undefined;
    await Promise.all([...this.#open].map(({ agent }) => agent.destroy()));
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#begin().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  async #begin(): Promise<Connection> {
    const connection = await openConnection(this.#options);
    this.#open.add(connection);
    return connection;
  }

  /** The next request reads the credentials and the CA anew; what is open on the old connection goes on. */
  #forget(connection: Connection): void {
    const isRecent = this.#options.clock.now() - connection.openedMs < MIN_RELOAD_INTERVAL_MS;
    if (isRecent || connection.isForgotten) return;
    connection.isForgotten = true;
    this.#connection = undefined;
    const forget = () => this.#open.delete(connection);
    connection.agent.close().then(forget, forget);
  }
}

async function openConnection(options: Required<TransportOptions>): Promise<Connection> {
  const config = await options.loadConfig();
  const server = config.getCurrentCluster()?.server.replace(/\/+$/, "");
  if (server === undefined) throw new Error("Cannot reach Kubernetes: the kubeconfig has no current context");
  const { ca, cert, key, rejectUnauthorized, servername } = await httpsOptions(config);
  const agent = new Agent({
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...((typeof key === "string" || Buffer.isBuffer(key)) && { key }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
      ...(servername !== undefined && { servername }),
    },
    allowH2: true,
    bodyTimeout: BODY_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    h2Options: { pingInterval: options.pingIntervalMs },
  });
  return {
    config,
    server,
    host: new URL(server).host,
    agent,
    openedMs: options.clock.now(),
    isForgotten: false,
  };
}

/** A token read from a file may end with a newline, which no header may. */
async function authHeaders(config: Credentials): Promise<Record<string, string>> {
  const { headers, auth } = await httpsOptions(config);
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value).trim(),
  ]);
  return { ...basic, ...Object.fromEntries(entries) };
}

async function httpsOptions(config: Credentials): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return options;
}

const CERTIFICATE_ERRORS = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function isCertificateError(error: unknown): boolean {
  return error instanceof Error && "code" in error && CERTIFICATE_ERRORS.has(String(error.code));
}
