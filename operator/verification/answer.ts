/** Asks for one event stream over an open HTTP/2 connection, and judges the first of what comes. Knows no TLS. */
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { Http2Finding } from "#operator/sseservice/conditions/observation.ts";

export type Answer =
  | { readonly kind: "found"; readonly finding: Http2Finding }
  /** Something answers, and it is not a stream of ours. */
  | { readonly kind: "wrong"; readonly message: string }
  /** It may be one, but nothing that shows it came in time. */
  | { readonly kind: "silent"; readonly message: string };

const PATH = "/status";
/** More than any first block; an answer that goes on without one is none of ours. */
const MAX_TEXT = 4_096;

/** A heartbeat's shape: a cursor in a block of its own or with others. */
const CURSOR = /^id: ?[A-Za-z0-9._~-]{1,64}$/m;
const END = /^: end (\w+)$/m;
const REALM = /^Bearer realm="subscribe"/;

/** Resolves at the first words that decide, at the stream's end, or when the deadline comes. */
export function readAnswer(session: ClientHttp2Session, deadline: AbortSignal): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const stream = session.request({ ":path": PATH, accept: "text/event-stream" });
  let headers: IncomingHttpHeaders | undefined;
  let text = "";
  const look = (isOver: boolean) => {
    const answer = judge(headers, text, isOver || text.length > MAX_TEXT);
    if (answer) resolve(answer);
  };
  stream.setEncoding("utf8");
  stream.on("response", (received) => {
    headers = received;
    look(false);
  });
  stream.on("data", (chunk: string) => {
    text += chunk;
    look(false);
  });
  whenOver(session, stream, deadline, () => look(true));
  return promise.finally(() => stream.destroy());
}

/** Calls once: at the stream's or the connection's end, whichever way, or at the deadline. */
function whenOver(
  session: ClientHttp2Session,
  stream: ClientHttp2Stream,
  deadline: AbortSignal,
  over: () => void,
): void {
  stream.on("error", over);
  stream.once("close", over);
  session.once("error", over);
  session.once("close", over);
  deadline.addEventListener("abort", over, { once: true });
}

/** Undefined while what follows may still decide. */
function judge(headers: IncomingHttpHeaders | undefined, text: string, isOver: boolean): Answer | undefined {
  if (!headers) return isOver ? { kind: "silent", message: `GET ${PATH} got no answer` } : undefined;
  const status = Number(headers[":status"]);
  if (status === 401 && REALM.test(headers["www-authenticate"] ?? ""))
    return { kind: "found", finding: "TokenNeeded" };
  const type = headers["content-type"] ?? "no content type";
  if (status !== 200 || !type.startsWith("text/event-stream"))
    return { kind: "wrong", message: `GET ${PATH} is answered with ${status} and ${type}` };
  const [, end] = END.exec(text) ?? [];
  if (end === "connection_limit") return { kind: "found", finding: "Full" };
  if (CURSOR.test(text)) return { kind: "found", finding: "Open" };
  if (!isOver) return undefined;
  const found = end === undefined ? "carried no heartbeat" : `was ended at once (${end})`;
  return { kind: "silent", message: `A stream ${found}` };
}
