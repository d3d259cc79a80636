/** A plain HTTP/2 client of one SSE service, as strict as a browser: it trusts the service's own CA and nothing else. */
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as pause } from "node:timers/promises";
import { createParser, type EventSourceMessage } from "eventsource-parser";

export interface PublishOptions {
  readonly topic?: string;
  readonly token?: string;
  readonly idempotencyKey?: string;
  /** Gives up then; whether the event is stored is unknown. */
  readonly timeoutMs?: number;
}

export interface SubscribeOptions {
  readonly topic?: string;
  readonly lastEventId?: string;
  /** Asks for the control event that names the pod. */
  readonly hello?: boolean;
}

export interface EventStream {
  readonly status: number;
  readonly contentType: string;
  /** Everything received so far, in order. */
  readonly events: readonly EventSourceMessage[];
  /** The first event, received or still to come, that fits; rejects when the stream ends before. */
  find(fits: (event: EventSourceMessage) => boolean): Promise<EventSourceMessage>;
  /** Is told of every event that is still to come. */
  onEvent(listener: (event: EventSourceMessage) => void): void;
  /** The cursor that a browser would resume from. */
  lastEventId(): string;
  close(): void;
}

export interface H2Client {
  /** What TLS negotiated, such as `h2`. */
  readonly protocol: string;
  subscribe(options?: SubscribeOptions): Promise<EventStream>;
  /** Publishes and returns the event's id; rejects on any status but 200. */
  publish(data: string, options?: PublishOptions): Promise<string>;
  /** Status and body of one request. */
  request(
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: string | Buffer,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A node's kube-proxy may open a node port a moment after the pods are Ready. */
const PATIENCE_MS = 10_000;

/** `url` like `https://192.0.2.1:30007`; rejects unless the certificate is signed by `ca` (PEM) and names the host. */
export async function openH2Client(url: string, ca: string): Promise<H2Client> {
  const session = await connectPatiently(url, ca, Date.now() + PATIENCE_MS);
  const client: H2Client = {
    protocol: session.alpnProtocol ?? "none",
    subscribe: (options = {}) => subscribe(session, options),
    publish: async (data, { topic, token, idempotencyKey, timeoutMs } = {}) => {
      const path = topic === undefined ? "/submit" : `/submit?topic=${encodeURIComponent(topic)}`;
      const headers = {
        "content-type": "text/plain",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      };
      const signal = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
      const answer = await request(session, "POST", path, headers, data, signal);
      if (answer.status !== 200) throw new Error(`Cannot publish: ${answer.status} ${answer.body}`);
      return JSON.parse(answer.body).id;
    },
    request: (method, path, headers = {}, body) => request(session, method, path, headers, body),
    close: async () => {
      session.destroy();
      if (!session.closed) await once(session, "close");
    },
  };
  return client;
}

async function connectPatiently(url: string, ca: string, untilMs: number): Promise<ClientHttp2Session> {
  const session = connect(url, { ca });
  try {
    await once(session, "connect");
    return session;
  } catch (error) {
    const isRefused = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
    if (!isRefused || Date.now() > untilMs) throw error;
    await pause(100);
    return connectPatiently(url, ca, untilMs);
  }
}

async function request(
  session: ClientHttp2Session,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | Buffer | undefined,
  signal?: AbortSignal,
): Promise<Answer> {
  const stream = session.request({ ":method": method, ":path": path, ...headers }, signal && { signal });
  stream.end(body);
  const [answered] = await once(stream, "response");
  stream.setEncoding("utf8");
  let text = "";
  for await (const chunk of stream) text += chunk;
  return { status: answered[":status"], headers: answered, body: text };
}

async function subscribe(
  session: ClientHttp2Session,
  { topic = "default", lastEventId, hello = false }: SubscribeOptions,
): Promise<EventStream> {
  const path = `/status?topic=${encodeURIComponent(topic)}${hello ? "&hello=1" : ""}`;
  const stream = session.request({
    ":path": path,
    accept: "text/event-stream",
    ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
  });
  const events: EventSourceMessage[] = [];
  const listeners: ((event: EventSourceMessage) => void)[] = [];
  const waiting = new Set<() => void>();
  let cursor = lastEventId ?? "";
  let ended = false;
  const wake = () => {
    for (const look of waiting) look();
  };
  const parser = createParser({
    onEvent: (event) => {
      events.push(event);
      for (const listen of listeners) listen(event);
      wake();
    },
  });
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    // An id-only block moves a browser's cursor too, which this parser does not tell.
    for (const [, id] of chunk.matchAll(/^id: ?(.*)$/gm)) cursor = id ?? cursor;
    parser.feed(chunk);
  });
  stream.on("close", () => {
    ended = true;
    wake();
  });
  stream.on("error", () => stream.close());
  const [answered] = await once(stream, "response");

  return {
    status: answered[":status"],
    contentType: String(answered["content-type"]),
    events,
    find: (fits) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(fits);
          if (found === undefined && !ended) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error(`The stream ended after ${events.length} events, none of which fits`));
        };
        waiting.add(look);
        look();
      }),
    onEvent: (listener) => listeners.push(listener),
    lastEventId: () => cursor,
    close: () => stream.close(),
  };
}
