/** POST /submit: check, read, parse, append, answer. 200 means stored; anything else tells what is known instead. */
import { NO_HEADERS, answerProblem, sendAnswer, type Answer } from "./answer.ts";
import { readBody, type Body } from "./body.ts";
import { parseNdjson, type TopicCheck } from "./ndjson.ts";
import { parseData, parsePublishRequest, type PublishRequest } from "./publish-request.ts";
import { queryOf, type Handler } from "./router.ts";
import type { IncomingHttpHeaders } from "node:http";
import type { AppendOutcome, Batch } from "#runtime/broker/backplane.ts";
import { topicForbidden, type PublishGrant, type PublishGuard } from "./auth.ts";
import type { Problem } from "./problem.ts";

export const PUBLISH_PATH = "/submit";

export interface PublishLimits {
  readonly maxEventBytes: number;
  readonly maxBatchBytes: number;
  readonly maxBatchEvents: number;
}

export interface PublishOptions {
  readonly guard: PublishGuard;
  readonly limits: PublishLimits;
  readonly append: (batch: Batch) => AppendOutcome | Promise<AppendOutcome>;
}

export interface RequestHead {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export type BodyReader = (maxBytes: number) => Body | Promise<Body>;

/** Answers a publisher's request. The body is read only when its sender may publish. */
export type Publish = (head: RequestHead, readBody: BodyReader) => Promise<Answer>;

export function createPublishHandler(publish: Publish): Handler {
  return async (request, response) => {
    const answer = await publish(request, (maxBytes) => readBody(request, maxBytes));
    sendAnswer(response, answer);
  };
}

/**
 * What need not be waited for is not: an `await` of a plain value costs a turn of the microtask queue, and there would
 * be three for each event.
 */
export function createPublish({ guard, limits, append }: PublishOptions): Publish {
  const readHead = rememberHeads(({ url, headers }) => parsePublishRequest(queryOf(url), headers));
  return async (head, readBody) => {
    const granted = guard(head.headers);
    const grant = granted instanceof Promise ? await granted : granted;
    if ("code" in grant) return answerProblem(grant);
    const asked = readHead(head);
    if ("code" in asked) return answerProblem(asked);
    const check = topicCheck(grant);
    const refusal = asked.isBatch ? undefined : check(asked.topic);
    if (refusal !== undefined) return answerProblem(refusal);
    const read = readBody(asked.isBatch ? limits.maxBatchBytes : limits.maxEventBytes);
    const batch = parseBatch(read instanceof Promise ? await read : read, asked, limits, check);
    if ("code" in batch) return answerProblem(batch);
    const appended = append(batch);
    return answerOutcome(appended instanceof Promise ? await appended : appended, asked.isBatch);
  };
}

/** One connection's plain requests mostly share a head, which then is read only once. */
function rememberHeads(read: (head: RequestHead) => PublishRequest | Problem): typeof read {
  const remembered = new WeakMap<RequestHead, PublishRequest | Problem>();
  return (head) => {
    const known = remembered.get(head);
    if (known !== undefined) return known;
    const asked = read(head);
    remembered.set(head, asked);
    return asked;
  };
}

function parseBatch(
  body: Body,
  asked: PublishRequest,
  limits: PublishLimits,
  checkTopic: TopicCheck,
): Batch | Problem {
  if (body.kind === "aborted") return ABORTED;
  if (body.kind === "too_large") return tooLarge(body.maxBytes);
  if (asked.isBatch) {
    const events = parseNdjson(body.bytes, asked, limits, checkTopic);
    return "code" in events ? events : { events, key: asked.key };
  }
  const event = parseData(body.bytes, asked);
  return "code" in event ? event : { events: [event], key: asked.key };
}

function answerOutcome(outcome: AppendOutcome, isBatch: boolean): Answer {
  if (outcome.kind !== "stored") return answerProblem(notStored(outcome));
  // A cursor has no character that JSON would escape.
  const ids = outcome.cursors.map((cursor) => `"${cursor.text}"`).join(",");
  return { status: 200, headers: NO_HEADERS, body: isBatch ? `{"ids":[${ids}]}` : `{"id":${ids}}` };
}

function topicCheck({ mayPublish }: PublishGrant): TopicCheck {
  return (topic) => (mayPublish(topic) ? undefined : topicForbidden("publish", topic));
}

/** Nobody is there to read it. */
const ABORTED: Problem = {
  status: 400,
  code: "incomplete_body",
  field: "body",
  message: "The connection ended before the body did.",
};

function tooLarge(maxBytes: number): Problem {
  const message = `The body is larger than ${maxBytes} bytes.`;
  return { status: 413, code: "body_too_large", field: "body", message, headers: { connection: "close" } };
}

function notStored({ kind, reason }: Exclude<AppendOutcome, { kind: "stored" }>): Problem {
  const known =
    kind === "refused"
      ? "Nothing was stored; try again."
      : "Whether it was stored is not known; try again with the same Idempotency-Key, or it may be there twice.";
  return {
    status: 503,
    code: kind === "refused" ? "backplane_refused" : "backplane_unknown",
    message: `${reason} ${known}`,
    headers: { "retry-after": "1" },
  };
}
