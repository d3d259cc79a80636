/** POST /submit: check, read, parse, append, answer. 200 means stored; anything else tells what is known instead. */
import { readBody } from "./body.ts";
import { parseNdjson, type TopicCheck } from "./ndjson.ts";
import { sendJson, sendProblem, type Handler, type Problem } from "./problem.ts";
import { parseData, parsePublishRequest, type PublishRequest } from "./publish-request.ts";
import { queryOf } from "./router.ts";
import type { IncomingMessage } from "node:http";
import type { AppendOutcome, Batch } from "#runtime/broker/backplane.ts";
import { topicForbidden, type PublishGrant, type PublishGuard } from "./auth.ts";

export interface PublishLimits {
  readonly maxEventBytes: number;
  readonly maxBatchBytes: number;
  readonly maxBatchEvents: number;
}

export interface PublishOptions {
  readonly guard: PublishGuard;
  readonly limits: PublishLimits;
  readonly append: (batch: Batch) => Promise<AppendOutcome>;
}

export function createPublishHandler({ guard, limits, append }: PublishOptions): Handler {
  return async (request, response) => {
    const grant = await guard(request.headers);
    if ("code" in grant) return sendProblem(response, grant);
    const asked = parsePublishRequest(queryOf(request.url), request.headers);
    if ("code" in asked) return sendProblem(response, asked);
    const check = topicCheck(grant);
    const refusal = asked.isBatch ? undefined : check(asked.topic);
    if (refusal !== undefined) return sendProblem(response, refusal);
    const batch = await readBatch(request, asked, limits, check);
    if (batch === undefined) return;
    if ("code" in batch) return sendProblem(response, batch);
    const outcome = await append(batch);
    if (outcome.kind !== "stored") return sendProblem(response, notStored(outcome));
    const ids = outcome.cursors.map((cursor) => cursor.text);
    sendJson(response, 200, asked.isBatch ? { ids } : { id: ids[0] });
  };
}

/** undefined: the client is gone. */
async function readBatch(
  request: IncomingMessage,
  asked: PublishRequest,
  limits: PublishLimits,
  checkTopic: TopicCheck,
): Promise<Batch | Problem | undefined> {
  const maxBytes = asked.isBatch ? limits.maxBatchBytes : limits.maxEventBytes;
  const body = await readBody(request, maxBytes);
  if (body.kind === "aborted") return undefined;
  if (body.kind === "too_large") return tooLarge(maxBytes);
  if (asked.isBatch) {
    const events = parseNdjson(body.bytes, asked, limits, checkTopic);
    return "code" in events ? events : { events, key: asked.key };
  }
  const event = parseData(body.bytes, asked);
  return "code" in event ? event : { events: [event], key: asked.key };
}

function topicCheck({ mayPublish }: PublishGrant): TopicCheck {
  return (topic) => (mayPublish(topic) ? undefined : topicForbidden("publish", topic));
}

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
