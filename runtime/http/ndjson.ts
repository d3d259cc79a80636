/**
 * Reads a batch: each line is a JSON object `{"data": "...", "topic"?: "...", "event"?: "..."}`; what a line leaves out
 * is as in the URL. Empty lines are passed over. Pure: all or nothing, the first problem names its line.
 */
import { isUtf8 } from "node:buffer";
import { parseTopicName, parseTypeName, type PublishRequest } from "./publish-request.ts";
import type { NewEvent, Topic } from "#runtime/broker/event.ts";
import type { Problem } from "./problem.ts";

export interface BatchLimits {
  readonly maxBatchEvents: number;
  readonly maxEventBytes: number;
}

/** Whether this publisher may use the topic; undefined: yes. */
export type TopicCheck = (topic: Topic) => Problem | undefined;

const FIELDS: ReadonlySet<string> = new Set(["data", "topic", "event"]);

export function parseNdjson(
  bytes: Buffer,
  defaults: PublishRequest,
  limits: BatchLimits,
  checkTopic: TopicCheck = () => undefined,
): readonly NewEvent[] | Problem {
  if (!isUtf8(bytes)) return invalid("invalid_utf8", "The body is not valid UTF-8.");
  const events: NewEvent[] = [];
  let line = 0;
  for (const text of bytes.toString().split("\n")) {
    line++;
    if (text === "" || text === "\r") continue;
    const event = parseLine(text, defaults, limits.maxEventBytes, checkTopic);
    if ("code" in event) return { ...event, line, message: `Line ${line}: ${event.message}` };
    if (events.push(event) > limits.maxBatchEvents) return tooMany(limits.maxBatchEvents);
  }
  return events.length > 0 ? events : invalid("empty_batch", "The batch has no events.");
}

function parseLine(
  line: string,
  defaults: PublishRequest,
  maxEventBytes: number,
  checkTopic: TopicCheck,
): NewEvent | Problem {
  const fields = parseObject(line);
  if (fields === undefined) return invalid("invalid_json", "This is not a JSON object.");
  for (const name in fields) {
    if (!FIELDS.has(name)) return invalid("unknown_field", `"${name}" is none of data, topic, event.`, name);
  }
  const { data } = fields;
  if (typeof data !== "string") return invalid("invalid_data", "data must be a string.", "data");
  if (!data.isWellFormed()) return invalid("invalid_data", "data holds half of a surrogate pair.", "data");
  const topic =
    fields.topic === undefined ? defaults.topic : parseName(fields.topic, "topic", parseTopicName);
  if (typeof topic === "object") return topic;
  const refusal = checkTopic(topic);
  if (refusal !== undefined) return refusal;
  const type = fields.event === undefined ? defaults.type : parseName(fields.event, "event", parseTypeName);
  if (typeof type === "object") return type;
  const encoded = Buffer.from(data);
  return encoded.length > maxEventBytes ? tooLarge(maxEventBytes) : { topic, type, data: encoded };
}

/** JSON knows no undefined: a field that is, is not there. */
interface Fields {
  readonly data?: unknown;
  readonly topic?: unknown;
  readonly event?: unknown;
}

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function parseName<T>(value: unknown, field: string, parse: (names: readonly string[]) => T): T | Problem {
  return typeof value === "string"
    ? parse([value])
    : invalid("invalid_type", `${field} must be a string.`, field);
}

function invalid(code: string, message: string, field = "body"): Problem {
  return { status: 400, code, field, message };
}

function tooLarge(maxEventBytes: number): Problem {
  const message = `data is larger than ${maxEventBytes} bytes.`;
  return { status: 413, code: "event_too_large", field: "data", message };
}

function tooMany(maxBatchEvents: number): Problem {
  const message = `A batch holds at most ${maxBatchEvents} events.`;
  return { status: 413, code: "too_many_events", field: "body", message };
}
