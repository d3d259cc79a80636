/**
 * GET /status: opens event streams. Nothing temporary is an error status here, because any status but 200 ends an
 * EventSource for good; the hub ends such a stream at once and tells the client when to come back.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import {
  answerProblem,
  encodeAnswer,
  encodeHead,
  encodeHeaders,
  sendProblem,
  type Headers,
} from "./answer.ts";
import { ResponseSink } from "./response-sink.ts";
import { pathOf, type Handler } from "./router.ts";
import { SocketSink } from "./socket-sink.ts";
import { parseStreamRequest } from "./stream-request.ts";
import type { Socket } from "node:net";
import type { Hub } from "#runtime/broker/hub.ts";
import type { Sink } from "#runtime/broker/sink.ts";
import type { Subscription } from "#runtime/broker/subscription.ts";
import type { SubscribeGuard } from "./auth.ts";
import type { Cors } from "./cors.ts";
import type { Problem } from "./problem.ts";
import type { ServedCertificates } from "./served-certificates.ts";

export const STREAM_PATH = "/status";

/** What the sidecar sends as `Upgrade:` for streams, to have them served without node:http. */
const UPGRADE_TOKEN = "sse";

/** Seconds since the client's connection was opened: written by the sidecar, whatever the client sent. */
const CONNECTION_AGE_HEADER = "x-connection-seconds";

const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  /** For buffering proxies further out. */
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

/** The body is as long as the connection. */
const UNTIL_CLOSED = { connection: "close" };

const RAW_STREAM_HEAD = Buffer.from(encodeHead(200, { ...STREAM_HEADERS, ...UNTIL_CLOSED }));

export interface StreamEndpoint {
  readonly get: Handler;
  readonly head: Handler;
  /** Whether a request with an `Upgrade` header is one for `upgrade`; all others are ordinary requests. */
  readonly isUpgrade: (request: IncomingMessage) => boolean;
  readonly upgrade: (request: IncomingMessage, socket: Socket) => Promise<void>;
}

export interface StreamEndpointOptions {
  readonly hub: Hub;
  readonly maxTopics: number;
  readonly guard: SubscribeGuard;
  readonly cors: Cors;
  /** Behind a sidecar that speaks TLS. */
  readonly certificates: ServedCertificates | undefined;
}

export function createStreamEndpoint(options: StreamEndpointOptions): StreamEndpoint {
  return {
    async get(request, response) {
      const prepared = await prepare(request, options);
      if (response.destroyed) return;
      if (prepared.kind === "refused") return sendProblem(response, prepared.problem);
      response.writeHead(200, STREAM_HEADERS);
      const sink = new ResponseSink(response);
      const subscription = prepared.open(sink);
      if (subscription !== undefined) sink.attach(subscription);
    },

    async head(request, response) {
      const prepared = await prepare(request, options);
      if (prepared.kind === "refused") return sendProblem(response, prepared.problem);
      response.writeHead(200, STREAM_HEADERS).end();
    },

    isUpgrade({ method, url, headers }) {
      return (
        method === "GET" && headers.upgrade?.toLowerCase() === UPGRADE_TOKEN && pathOf(url) === STREAM_PATH
      );
    },

    /** The head and the first block leave in one write: a proxy forwards an HTTP/2 head only with some body. */
    async upgrade(request, socket) {
      const sink = new SocketSink(socket);
      const prepared = await prepare(request, options);
      if (socket.destroyed) return;
      const corsHeaders = options.cors.headersFor(request.headers);
      if (prepared.kind === "refused") return sink.end(rawProblem(prepared.problem, corsHeaders));
      socket.cork();
      sink.write(rawStreamHead(corsHeaders));
      sink.subscription = prepared.open(sink);
      socket.uncork();
    },
  };
}

async function prepare(
  { url, headers }: IncomingMessage,
  { hub, maxTopics, guard, certificates }: StreamEndpointOptions,
): Promise<Prepared> {
  const { request, problem } = parseStreamRequest(url, headers, maxTopics);
  if (problem !== undefined) return { kind: "refused", problem };
  const admission = await guard({ url, headers }, request.topics);
  if (admission.kind === "refused") return admission;
  if (admission.kind === "later") return { kind: "open", open: (sink) => hub.refuse(sink, admission.reason) };
  const helloFields = request.wantsHello ? await describeConnection(headers, certificates) : {};
  const described = { ...request, helloFields };
  return { kind: "open", open: (sink) => hub.subscribe(described, sink, admission.permittedMs) };
}

/** The fingerprint of the certificate that the stream's own connection was opened with, where that is known. */
async function describeConnection(
  headers: IncomingHttpHeaders,
  certificates: ServedCertificates | undefined,
): Promise<Record<string, string>> {
  const seconds = headers[CONNECTION_AGE_HEADER];
  if (certificates === undefined || seconds === undefined) return {};
  const certificate = await certificates.fingerprintAt(Number(seconds));
  return certificate === undefined ? {} : { certificate };
}

/** Serves the sink; undefined: it was told to come back later. */
type OpenStream = (sink: Sink) => Subscription | undefined;

type Prepared =
  | { readonly kind: "open"; readonly open: OpenStream }
  | { readonly kind: "refused"; readonly problem: Problem };

function rawStreamHead(corsHeaders: Headers): Buffer {
  if (Object.keys(corsHeaders).length === 0) return RAW_STREAM_HEAD;
  return Buffer.from(encodeHead(200, { ...STREAM_HEADERS, ...corsHeaders, ...UNTIL_CLOSED }));
}

function rawProblem(problem: Problem, corsHeaders: Headers): Buffer {
  return Buffer.from(
    encodeAnswer(answerProblem(problem), encodeHeaders({ ...corsHeaders, ...UNTIL_CLOSED })),
  );
}
