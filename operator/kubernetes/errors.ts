/** What the API server and the network say when something fails, as the port's one error. The only file that knows status codes. */
import { ClusterError, type ClusterErrorKind, type ErrorCause } from "#operator/engine/cluster.ts";

/** The server's own words about a failure, as far as they are there. */
export type Status = {
  code: number;
  reason: string;
  message: string;
  /** Of the object that the failure is about. */
  name: string;
  causes: ErrorCause[];
  retryAfterSeconds: number | undefined;
};

const KIND_BY_CODE: Record<number, ClusterErrorKind> = {
  400: "Malformed",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "Malformed",
  406: "Malformed",
  409: "Conflict",
  410: "Expired",
  413: "Malformed",
  415: "Malformed",
  422: "Invalid",
  429: "TooManyRequests",
  502: "Unavailable",
  503: "Unavailable",
  504: "Timeout",
};

/** `what` completes "Cannot ...": `apply "v1/Service shop/demo"`. */
export function errorFromStatus(what: string, status: Status): ClusterError {
  const { retryAfterSeconds, causes, message } = status;
  return new ClusterError(kindOf(status), `Cannot ${what}: ${message}`, {
    causes,
    ...(retryAfterSeconds !== undefined && { retryAfterMs: retryAfterSeconds * 1000 }),
  });
}

function kindOf({ code, reason, message, name, causes }: Status): ClusterErrorKind {
  // The server says 500 to a body that does not fit its schema (seen with 1.37); trying again would never end.
  if (code === 500 && message.includes("failed to create typed patch object")) return "Malformed";
  if (code === 409 && reason === "AlreadyExists") return "AlreadyExists";
  // A 404 about an object names it; one that does not is about the path, that is, the kind.
  if (code === 404 && name === "") return "UnknownKind";
  // To an apply with the uid of an object that was re-created since, the server says that uids are immutable.
  if (code === 422 && causes.some(({ field }) => field === "metadata.uid")) return "Conflict";
  return KIND_BY_CODE[code] ?? (code >= 400 && code < 500 ? "Malformed" : "Internal");
}

/** What `send` rejected with, or the body while it was read. */
export function errorFromTransport(what: string, error: unknown, signal?: AbortSignal): ClusterError {
  if (error instanceof ClusterError) return error;
  if (signal?.aborted === true) {
    return new ClusterError("Aborted", `Cannot ${what}: ${describe(signal.reason)}`, { cause: error });
  }
  const kind = TIMEOUT_CODES.has(codeOf(error)) ? "Timeout" : "Unavailable";
  return new ClusterError(kind, `Cannot ${what}: ${describe(error)}`, { cause: error });
}

const TIMEOUT_CODES = new Set([
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error) || error.name; // an AggregateError of failed connects has no message
}
