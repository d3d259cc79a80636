/** An answer in JSON as a value, and its two ways out: through node:http, or as bytes on a socket that is without it. */
import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Problem } from "./problem.ts";

export type Headers = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  /** Beside those of every answer in JSON. */
  readonly headers: Headers;
  readonly body: string;
}

const NO_HEADERS: Headers = {};

export function answerJson(status: number, value: unknown, headers = NO_HEADERS): Answer {
  return { status, headers, body: JSON.stringify(value) };
}

export function answerProblem({ status, code, field, line, message, headers }: Problem): Answer {
  const place = line === undefined ? {} : { line };
  return answerJson(status, { error: { code, field: field ?? null, ...place, message } }, headers);
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, allHeaders(answer)).end(answer.body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendAnswer(response, answerJson(status, value));
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  sendAnswer(response, answerProblem(problem));
}

/** The whole answer as it goes over the wire; `defaults` are headers that the answer's own win over. */
export function encodeAnswer(answer: Answer, defaults: Headers): string {
  return encodeHead(answer.status, { ...defaults, ...allHeaders(answer) }) + answer.body;
}

export function encodeHead(status: number, headers: Headers): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  return `${head}\r\n`;
}

function allHeaders({ headers, body }: Answer): Headers {
  return {
    "content-type": "application/json",
    "content-length": `${Buffer.byteLength(body)}`,
    "cache-control": "no-store",
    ...headers,
  };
}
