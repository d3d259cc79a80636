/** Answers of the API server as typed values. Trusts nothing but what it checks; the rest stays unknown. */
import { type ErrorCause, ClusterError, type KubernetesObject } from "#operator/engine/cluster.ts";
import { errorFromStatus, type Status } from "./errors.ts";

type Json = Record<string, unknown>;

export type ListPage = { objects: KubernetesObject[]; resourceVersion: string; continueToken: string };

export type WatchEvent =
  | { type: "changed" | "deleted"; object: KubernetesObject }
  | { type: "bookmark"; resourceVersion: string; endsInitialEvents: boolean };

/** What the items of a list leave out, and what metadata-only objects hide: their own kind. */
export type ObjectType = { apiVersion: string; kind: string };

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ClusterError("Internal", `Cannot ${what}: the answer is not JSON`, { cause: error });
  }
}

export function parseObject(value: unknown, type?: ObjectType): KubernetesObject {
  const object = isJson(value) ? { ...value, ...type } : value;
  if (isKubernetesObject(object)) return object;
  throw new ClusterError("Internal", "Cannot read an object: the API server sent one without kind or name");
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  if (!isJson(value) || typeof value["apiVersion"] !== "string" || typeof value["kind"] !== "string")
    return false;
  return isJson(value["metadata"]) && typeof value["metadata"]["name"] === "string";
}

export function parseListPage(value: unknown, type: ObjectType): ListPage {
  const items = isJson(value) ? (value["items"] ?? []) : undefined; // an empty list may be null
  if (!isJson(value) || !isJson(value["metadata"]) || !Array.isArray(items)) {
    throw new ClusterError("Internal", `Cannot list "${type.kind}": the API server sent no list`);
  }
  return {
    objects: items.map((item) => parseObject(item, type)),
    resourceVersion: asString(value["metadata"]["resourceVersion"]),
    continueToken: asString(value["metadata"]["continue"]),
  };
}

/** One line of a watch's body; `ERROR` is thrown as what it says. */
export function parseWatchEvent(value: unknown, type: ObjectType, what: string): WatchEvent {
  if (!isJson(value) || !isJson(value["object"])) {
    throw new ClusterError("Internal", `Cannot ${what}: the API server sent something that is no event`);
  }
  const { object } = value;
  switch (value["type"]) {
    case "ADDED":
    case "MODIFIED":
      return { type: "changed", object: parseObject(object, type) };
    case "DELETED":
      return { type: "deleted", object: parseObject(object, type) };
    case "BOOKMARK":
      return parseBookmark(isJson(object["metadata"]) ? object["metadata"] : {});
    default:
      throw errorFromStatus(what, parseStatus(500, JSON.stringify(object)));
  }
}

function parseBookmark({ resourceVersion, annotations }: Json): WatchEvent {
  const endsInitialEvents = isJson(annotations) && annotations["k8s.io/initial-events-end"] === "true";
  return { type: "bookmark", resourceVersion: asString(resourceVersion), endsInitialEvents };
}

/** Whatever came with an error status: a Status object, or the plain text of some proxy. */
export function parseStatus(code: number, text: string, retryAfter?: string): Status {
  const value = tryParse(text);
  const details = isJson(value["details"]) ? value["details"] : {};
  const seconds = Number(retryAfter || details["retryAfterSeconds"]);
  return {
    code: typeof value["code"] === "number" ? value["code"] : code,
    reason: asString(value["reason"]),
    message: asString(value["message"]) || text.trim().slice(0, 500) || `HTTP status ${code}`,
    name: asString(details["name"]),
    causes: Array.isArray(details["causes"]) ? details["causes"].filter(isJson).map(parseCause) : [],
    retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
  };
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asString(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parseCause(cause: Json): ErrorCause {
  return {
    field: asString(cause["field"]),
    reason: asString(cause["reason"]),
    message: asString(cause["message"]),
  };
}

function tryParse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : {};
  } catch {
    return {};
  }
}
