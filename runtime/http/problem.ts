/** What a client did wrong, or why it cannot be served, as a value; and the one JSON shape in which it is told. */
import { MAX_NAME_LENGTH } from "#runtime/broker/event.ts";
import type { IncomingMessage, ServerResponse } from "node:http";

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

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export function sendJson(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(body);
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  sendJson(response, problem.status, problemBody(problem), problem.headers);
}

export function problemBody({ code, field, line, message }: Problem): object {
  return { error: { code, field: field ?? null, ...(line === undefined ? {} : { line }), message } };
}

export function topicProblem(): Problem {
  const message = `A topic has 1 to ${MAX_NAME_LENGTH} characters and no control characters.`;
  return { status: 400, code: "invalid_topic", field: "topic", message };
}
