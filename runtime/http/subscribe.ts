/**
 * GET /status: opens event streams. Nothing temporary is an error status here, because any status but 200 ends an
 * EventSource for good; the hub ends such a stream at once and tells the client when to come back.
 */
import { STATUS_CODES, type IncomingMessage } from "node:http";
import { problemBody, sendProblem, type Handler, type Problem } from "./problem.ts";
import { ResponseSink } from "./response-sink.ts";
import { pathOf } from "./router.ts";
import { SocketSink } from "./socket-sink.ts";
import { parseStreamRequest } from "./stream-request.ts";
import type { Socket } from "node:net";
import type { Hub } from "#runtime/broker/hub.ts";

export const STREAM_PATH = "/status";

/** What the sidecar sends as `Upgrade:` for streams, to have them served without node:http. */
const UPGRADE_TOKEN = "sse";

const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  /** For buffering proxies further out. */
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

const RAW_STREAM_HEAD = rawHead(200, STREAM_HEADERS);

export interface StreamEndpoint {
  readonly get: Handler;
  readonly head: Handler;
  /** Whether a request with an `Upgrade` header is one for `upgrade`; all others are ordinary requests. */
  readonly isUpgrade: (request: IncomingMessage) => boolean;
  readonly upgrade: (request: IncomingMessage, socket: Socket) => void;
}

export function createStreamEndpoint(hub: Hub, maxTopics: number): StreamEndpoint {
  return {
    get(request, response) {
      const parsed = parseStreamRequest(request.url, request.headers, maxTopics);
      if (parsed.problem !== undefined) return sendProblem(response, parsed.problem);
      response.writeHead(200, STREAM_HEADERS);
      const sink = new ResponseSink(response);
      const subscription = hub.subscribe(parsed.request, sink);
      if (subscription !== undefined) sink.attach(subscription);
    },

    head(request, response) {
      const { problem } = parseStreamRequest(request.url, request.headers, maxTopics);
      if (problem !== undefined) return sendProblem(response, problem);
      response.writeHead(200, STREAM_HEADERS).end();
    },

    isUpgrade({ method, url, headers }) {
      return (
        method === "GET" && headers.upgrade?.toLowerCase() === UPGRADE_TOKEN && pathOf(url) === STREAM_PATH
      );
    },

    /** The head and the first block leave in one write: a proxy forwards an HTTP/2 head only with some body. */
    upgrade(request, socket) {
      const parsed = parseStreamRequest(request.url, request.headers, maxTopics);
      const sink = new SocketSink(socket);
      if (parsed.problem !== undefined) return sink.end(rawProblem(parsed.problem));
      socket.cork();
      sink.write(RAW_STREAM_HEAD);
      sink.subscription = hub.subscribe(parsed.request, sink);
      socket.uncork();
    },
  };
}

function rawProblem(problem: Problem): Buffer {
  const body = Buffer.from(JSON.stringify(problemBody(problem)));
  const headers = {
    "content-type": "application/json",
    "content-length": `${body.length}`,
    ...problem.headers,
  };
  return Buffer.concat([rawHead(problem.status, headers), body]);
}

/** The body is as long as the connection. */
function rawHead(status: number, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.from([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", ""].join("\r\n"));
}
