/** JSON requests to the API server; every failure is a `ClusterError`. Knows no kinds and no retries. */
import { errorFromStatus, errorFromTransport } from "./errors.ts";
import { asString, parseJson, parseStatus } from "./parse.ts";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";

export type ApiRequest = Pick<HttpRequest, "method" | "path" | "signal"> & {
  /** Completes "Cannot ..." in the error: `apply "v1/Service shop/demo"`. */
  what: string;
  query?: Record<string, string | undefined>;
  accept?: string;
  contentType?: string;
  body?: unknown;
};

/** The answer to a successful request; its body is still to be read. */
export async function openRequest(transport: Transport, request: ApiRequest): Promise<HttpResponse> {
  const { what, signal, accept = "application/json", contentType = "application/json", body } = request;
  let response: HttpResponse;
  try {
    response = await transport.send({
      method: request.method,
      path: `${request.path}${formatQuery(request.query)}`,
      headers: { accept, ...(body !== undefined && { "content-type": contentType }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal,
    });
  } catch (error) {
    throw errorFromTransport(what, error, signal);
  }
  if (response.status < 400) return response;
  const text = await readText(response, request);
  throw errorFromStatus(what, parseStatus(response.status, text, asString(response.headers["retry-after"])));
}

export async function requestJson(transport: Transport, request: ApiRequest): Promise<unknown> {
  const response = await openRequest(transport, request);
  return parseJson(await readText(response, request), request.what);
}

async function readText(response: HttpResponse, { what, signal }: ApiRequest): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    throw errorFromTransport(what, error, signal);
  }
  return text + decoder.decode();
}

function formatQuery(query: Record<string, string | undefined> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}
