/** Which other origins' pages may use the stream and publish (Fetch standard, section 3.2). Pure but for `withCors`. */
import type { Headers } from "./answer.ts";
import { pathOf, type Handler } from "./router.ts";
import type { IncomingHttpHeaders } from "node:http";

export interface Cors {
  /** Of every answer, a refusal included: a page must be able to read why. */
  readonly headersFor: (headers: IncomingHttpHeaders) => Headers;
  /** Whether a page of the request's origin may act with its visitor's cookie. */
  readonly isTrustedOrigin: (headers: IncomingHttpHeaders) => boolean;
}

const PATHS: ReadonlySet<string> = new Set(["/status", "/submit"]);

const PREFLIGHT_HEADERS: Headers = {
  "access-control-allow-methods": "GET, HEAD, POST",
  "access-control-allow-headers":
    "Authorization, Cache-Control, Content-Type, Idempotency-Key, Last-Event-ID",
  "access-control-max-age": "600",
};
const EXPOSED: Headers = { "access-control-expose-headers": "Retry-After, WWW-Authenticate" };
const NONE: Headers = {};

/** `*` stands for every origin, without credentials; anything else is an origin as a browser writes it. */
export function createCors(origins: readonly string[]): Cors {
  const listed = new Set(origins);
  return {
    headersFor({ origin }) {
      if (listed.size === 0) return NONE;
      if (listed.has("*")) return { "access-control-allow-origin": "*", ...EXPOSED };
      if (origin === undefined || !listed.has(origin)) return { vary: "Origin" };
      return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        vary: "Origin",
        ...EXPOSED,
      };
    },
    isTrustedOrigin({ origin, host }) {
      if (origin === undefined || origin === "*") return false;
      return listed.has(origin) || (host !== undefined && URL.parse(origin)?.host === host.toLowerCase());
    },
  };
}

/** The router answers OPTIONS; what a preflight asks for is in the headers. */
export function withCors(handler: Handler, cors: Cors): Handler {
  return (request, response) => {
    if (PATHS.has(pathOf(request.url))) {
      const headers = cors.headersFor(request.headers);
      const isAllowed = headers["access-control-allow-origin"] !== undefined;
      const preflight = isAllowed && request.method === "OPTIONS" ? PREFLIGHT_HEADERS : NONE;
      for (const [name, value] of Object.entries({ ...headers, ...preflight }))
        response.setHeader(name, value);
    }
    return handler(request, response);
  };
}
