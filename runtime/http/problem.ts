/** What a client did wrong, or why it cannot be served, as a value. */
import { MAX_NAME_LENGTH } from "#runtime/broker/event.ts";

export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 500 | 503;
  readonly code: string;
  /** The parameter, header or part of the body that it is about. */
  readonly field?: string;
  /** Of an NDJSON body, counted from 1. */
  readonly line?: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why is in the server's log, and nobody else's business. */
export const INTERNAL: Problem = {
  status: 500,
  code: "internal",
  message: "The server failed; see its log.",
};

export function topicProblem(): Problem {
  const message = `A topic has 1 to ${MAX_NAME_LENGTH} characters and no control characters.`;
  return { status: 400, code: "invalid_topic", field: "topic", message };
}
