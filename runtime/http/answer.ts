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

export const NO_HEADERS: Headers = {};

const OF_EVERY_ANSWER: Headers = { "content-type": "application/json", "cache-control": "no-store" };
const ENCODED_OF_EVERY_ANSWER = encodeHeaders(OF_EVERY_ANSWER);

export function answerJson(status: number, value: unknown, headers = NO_HEADERS): Answer {
  return { status, headers, body: JSON.stringify(value) };
}

export function answerProblem({ status, code, field, line, message, headers }: Problem): Answer {
  const place = line === undefined ? {} : { line };
  return answerJson(status, { error: { code, field: field ?? null, ...place, message } }, headers);
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const { status, headers, body } = answer;
  const length = { "content-length": `${Buffer.byteLength(body)}` };
  response.writeHead(status, { ...OF_EVERY_ANSWER, ...length, ...headers }).end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendAnswer(response, answerJson(status, value));
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  sendAnswer(response, answerProblem(problem));
}

/** The whole answer as it goes over the wire; `more` are encoded headers beside its own. */
export function encodeAnswer({ status, headers, body }: Answer, more: string): string {
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `${statusLine(status)}${more}${ENCODED_OF_EVERY_ANSWER}${length}${encodeHeaders(headers)}\r\n${body}`;
}

export function encodeHead(status: number, headers: Headers): string {
  return `${statusLine(status)}${encodeHeaders(headers)}\r\n`;
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
}

export function encodeHeaders(headers: Headers): string {
  let lines = "";
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return lines;
}
