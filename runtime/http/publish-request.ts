/** Reads what a publisher sends into a batch of valid events. Pure: all or nothing, the first problem is the answer. */
import { isUtf8 } from "node:buffer";
import { isReservedType, MAX_NAME_LENGTH, parseEventType, parseTopic } from "#runtime/broker/event.ts";
import { topicProblem, type Problem } from "./problem.ts";
import type { IncomingHttpHeaders } from "node:http";
import type { EventType, NewEvent, Topic } from "#runtime/broker/event.ts";

/** What the URL and the headers say, before the body is read. */
export interface PublishRequest {
  readonly topic: Topic;
  readonly type: EventType | undefined;
  readonly key: string | undefined;
  readonly isBatch: boolean;
}

const BATCH_TYPE = "application/x-ndjson";
const DATA_TYPES: ReadonlySet<string> = new Set([
  "text/plain",
  "application/json",
  "application/octet-stream",
  "",
]);
const KEY = /^[\x21-\x7e]{1,128}$/;

export function parsePublishRequest(
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): PublishRequest | Problem {
  const mediaType = parseMediaType(headers);
  if (typeof mediaType !== "string") return mediaType;
  const topic = parseTopicName(query.getAll("topic"));
  if (typeof topic !== "string") return topic;
  const type = parseTypeName(query.getAll("event"));
  if (typeof type === "object") return type;
  const key = headers["idempotency-key"];
  if (key !== undefined && (typeof key !== "string" || !KEY.test(key))) return KEY_PROBLEM;
  return { topic, type, key, isBatch: mediaType === BATCH_TYPE };
}

export function parseData(bytes: Buffer, { topic, type }: PublishRequest): NewEvent | Problem {
  if (isUtf8(bytes)) return { topic, type, data: bytes };
  return { status: 400, code: "invalid_utf8", field: "body", message: "The body is not valid UTF-8." };
}

/** "message" is what an event without a type is anyway. */
export function parseTypeName(names: readonly string[]): EventType | undefined | Problem {
  const [name, another] = names;
  if (another !== undefined) return repeated("event");
  if (name === undefined || name === "" || name === "message") return undefined;
  return parseEventType(name) ?? typeProblem(name);
}

export function parseTopicName(names: readonly string[]): Topic | Problem {
  const [name = "default", another] = names;
  if (another !== undefined) return repeated("topic");
  return parseTopic(name) ?? topicProblem();
}

function parseMediaType(headers: IncomingHttpHeaders): string | Problem {
  const [name = "", ...parameters] = (headers["content-type"] ?? "")
    .split(";")
    .map((part) => part.trim().toLowerCase());
  if (name !== BATCH_TYPE && !DATA_TYPES.has(name)) return contentTypeProblem(name);
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.replaceAll('"', "");
  if (charset !== undefined && charset !== "charset=utf-8" && charset !== "charset=utf8") {
    const message = `An event stream is always UTF-8; send the body as UTF-8 and not with "${charset}".`;
    return { status: 415, code: "unsupported_charset", field: "content-type", message };
  }
  const coding = headers["content-encoding"] ?? "identity";
  if (coding.toLowerCase() === "identity") return name;
  const message = `The content encoding "${coding}" is not supported; send the body uncompressed.`;
  return { status: 415, code: "unsupported_encoding", field: "content-encoding", message };
}

function contentTypeProblem(name: string): Problem {
  const message = `"${name}" cannot be published; send the data as text/plain, application/json or application/octet-stream, a batch as ${BATCH_TYPE}.`;
  return { status: 415, code: "unsupported_content_type", field: "content-type", message };
}

function typeProblem(name: string): Problem {
  const message = isReservedType(name)
    ? `The event type "${name}" is reserved.`
    : `An event type has 1 to ${MAX_NAME_LENGTH} characters and no control characters.`;
  return { status: 400, code: "invalid_event_type", field: "event", message };
}

function repeated(field: string): Problem {
  return { status: 400, code: "repeated_parameter", field, message: `"${field}" may be given once.` };
}

const KEY_PROBLEM: Problem = {
  status: 400,
  code: "invalid_idempotency_key",
  field: "idempotency-key",
  message: "An idempotency key has 1 to 128 visible ASCII characters.",
};
