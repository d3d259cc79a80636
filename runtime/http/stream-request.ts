/** Reads what a subscriber asks for out of its request. Pure. */
import { parseTopic, type Topic } from "#runtime/broker/event.ts";
import { topicProblem, type Problem } from "./problem.ts";
import { queryOf } from "./router.ts";
import type { SubscribeRequest } from "#runtime/broker/hub.ts";
import type { IncomingHttpHeaders } from "node:http";

export type ParsedStreamRequest =
  | { readonly request: SubscribeRequest; readonly problem?: undefined }
  | { readonly request?: undefined; readonly problem: Problem };

/** Longer than any cursor: what is longer is told back cut off. */
const MAX_ECHO_LENGTH = 128;

/**
 * `?topic=` may be repeated; without one it is the topic "default". `?hello=1` asks for the hello event.
 * The header `Last-Event-ID` wins over `?lastEventId=`: a browser that reconnects sends the header with the newest
 * cursor, while its URL still holds the one that the page was opened with.
 */
export function parseStreamRequest(
  url: string | undefined,
  headers: IncomingHttpHeaders,
  maxTopics: number,
): ParsedStreamRequest {
  const query = queryOf(url);
  const names = query.has("topic") ? [...new Set(query.getAll("topic"))] : ["default"];
  if (names.length > maxTopics) return { problem: tooManyTopics(maxTopics) };
  const topics: Topic[] = [];
  for (const name of names) {
    const topic = parseTopic(name);
    if (topic === undefined) return { problem: topicProblem() };
    topics.push(topic);
  }
  const lastEventId = lastEventIdOf(headers, query);
  return { request: { topics, lastEventId, wantsHello: query.get("hello") === "1" } };
}

function lastEventIdOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined {
  const header = headers["last-event-id"];
  const text = typeof header === "string" && header !== "" ? header : query.get("lastEventId");
  return text === null || text === "" ? undefined : text.slice(0, MAX_ECHO_LENGTH);
}

function tooManyTopics(maxTopics: number): Problem {
  const message = `A stream carries at most ${maxTopics} topics; open another one for more.`;
  return { status: 400, code: "too_many_topics", field: "topic", message };
}
