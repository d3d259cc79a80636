/** Path and method to handler, and everything that is the same for all of them: 404, 405, OPTIONS, 500. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendProblem } from "./answer.ts";
import { INTERNAL } from "./problem.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export type Method = "GET" | "HEAD" | "POST";
export type Routes = Readonly<Record<string, Readonly<Partial<Record<Method, Handler>>>>>;

/** `onError` is told of what a handler threw; the client reads a 500 without details. */
export function createRouter(routes: Routes, onError: (error: unknown) => void): Handler {
  const table = new Map(
    Object.entries(routes).map(([path, methods]) => [path, new Map(Object.entries(methods))]),
  );
  return async (request, response) => {
    const path = pathOf(request.url);
    const methods = table.get(path);
    if (methods === undefined) return answerUnknownPath(path, response);
    const { method = "" } = request;
    const handler = methods.get(method);
    if (handler === undefined) return answerOtherMethod(method, [...methods.keys()], response);
    try {
      await handler(request, response);
    } catch (error) {
      onError(error);
      if (response.headersSent) response.destroy();
      else sendProblem(response, INTERNAL);
    }
  };
}

function answerUnknownPath(path: string, response: ServerResponse): void {
  sendProblem(response, { status: 404, code: "not_found", message: `There is nothing at ${path}.` });
}

function answerOtherMethod(method: string, allowed: readonly string[], response: ServerResponse): void {
  const allow = [...allowed, "OPTIONS"].join(", ");
  if (method === "OPTIONS") {
    response.writeHead(204, { allow }).end();
    return;
  }
  const message = `${method} is not allowed here; allowed: ${allow}.`;
  sendProblem(response, { status: 405, code: "method_not_allowed", message, headers: { allow } });
}

export function pathOf(url = "/"): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

export function queryOf(url = "/"): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
}
