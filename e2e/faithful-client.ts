/**
 * Streams as a browser keeps them: a number of EventSources over one HTTP/2 connection, each reconnecting with its cursor
 * until it is closed. Records everything that a test may count.
 */
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as pause } from "node:timers/promises";
import { createParser } from "eventsource-parser";

export interface FaithfulStream {
  /** The ids received, in order. */
  readonly ids: readonly string[];
  /** Data of every `gap` event. */
  readonly gaps: readonly string[];
}

export interface FaithfulClient {
  readonly streams: readonly FaithfulStream[];
  /** Every status that a stream was answered with. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Milliseconds from each end of a stream to its next answer. */
  readonly timesAwayMs: readonly number[];
  readonly reconnects: number;
  close(): void;
}

/** Resolves when every stream has been answered once. */
export async function openFaithfulClient(
  url: string,
  ca: string,
  streamCount: number,
): Promise<FaithfulClient> {
  const connection = createConnection(url, ca);
  const statuses = new Map<number, number>();
  const timesAwayMs: number[] = [];
  const closed = new AbortController();
  const streams = Array.from({ length: streamCount }, () => ({ ids: [] as string[], gaps: [] as string[] }));
  const opened = streams.map((stream) =>
    keepStream({ connection, statuses, timesAwayMs, signal: closed.signal }, stream),
  );
  await Promise.all(opened);
  return {
    streams,
    statuses,
    timesAwayMs,
    get reconnects() {
      return timesAwayMs.length;
    },
    close: () => {
      closed.abort();
      connection.close();
    },
  };
}

interface Shared {
  readonly connection: Connection;
  readonly statuses: Map<number, number>;
  readonly timesAwayMs: number[];
  readonly signal: AbortSignal;
}

interface Recording {
  readonly ids: string[];
  readonly gaps: string[];
}

/** Resolves with the first answer; goes on until aborted. */
function keepStream(shared: Shared, recording: Recording): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  void keepReconnecting(shared, recording, resolve);
  return promise;
}

async function keepReconnecting(shared: Shared, recording: Recording, onAnswer: () => void): Promise<void> {
  const { signal, statuses, timesAwayMs } = shared;
  const state = { cursor: "", retryMs: 1_000 };
  let endedMs: number | undefined;
  while (!signal.aborted) {
    await streamOnce(shared, state, recording, (status) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (endedMs !== undefined) timesAwayMs.push(Math.round(performance.now() - endedMs));
      endedMs = undefined;
      onAnswer();
    }).catch(() => undefined);
    endedMs ??= performance.now();
    await pause(state.retryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function streamOnce(
  { connection, signal }: Shared,
  state: { cursor: string; retryMs: number },
  recording: Recording,
  onAnswer: (status: number) => void,
): Promise<void> {
  const session = await connection.session();
  const stream = session.request(
    {
      ":path": "/status",
      accept: "text/event-stream",
      ...(state.cursor && { "last-event-id": state.cursor }),
    },
    { signal },
  );
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      if (event === "gap") recording.gaps.push(data);
      else if (id !== undefined) recording.ids.push(id);
    },
    onRetry: (retryMs) => {
      state.retryMs = retryMs;
    },
  });
  stream.setEncoding("utf8");
  const [headers] = await once(stream, "response");
  onAnswer(Number(headers[":status"]));
  for await (const chunk of stream) {
    for (const [, id] of String(chunk).matchAll(/^id: ?(.*)$/gm)) state.cursor = id ?? state.cursor;
    parser.feed(String(chunk));
  }
}

interface Connection {
  /** The connection that new streams go over: a new one once the server has said GOAWAY, or it is gone. */
  session(): Promise<ClientHttp2Session>;
  close(): void;
}

function createConnection(url: string, ca: string): Connection {
  const sessions = new Set<ClientHttp2Session>();
  let current: Promise<ClientHttp2Session> | undefined;

  async function open(): Promise<ClientHttp2Session> {
    const session = connect(url, { ca });
    sessions.add(session);
    const forget = () => {
      current = undefined;
    };
    session.on("goaway", forget).on("close", forget).on("error", forget);
    await once(session, "connect");
    return session;
  }

  return {
    session: () => {
      current ??= open().catch((error: unknown) => {
        current = undefined;
        throw error;
      });
      return current;
    },
    close: () => {
      for (const session of sessions) session.destroy();
    },
  };
}
