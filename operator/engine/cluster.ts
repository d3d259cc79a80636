/** The port through which the engine and everything above it reach Kubernetes. Knows no client library and no HTTP. */
import type { DesiredObject, DesiredStatus, KubernetesObject, ObjectRef } from "./object.ts";

export type { DesiredObject, DesiredStatus, KubernetesObject, ObjectRef } from "./object.ts";

/** Which objects: one kind, one namespace or all of them, filtered on the server. */
export type ObjectQuery = {
  apiVersion: string;
  kind: string;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Read only apiVersion, kind and metadata: the way to follow Secrets without ever holding what is in them. */
  metadataOnly?: boolean;
  /** What is kept of each object, made as soon as it is read; for what is large and never looked at. */
  trim?: (object: KubernetesObject) => KubernetesObject;
  /** The kind need not be installed: until it is, a watch sees nothing, and looks for it now and then. */
  optional?: boolean;
};

export type ReadOptions = { metadataOnly?: boolean; signal?: AbortSignal };
export type WriteOptions = { signal?: AbortSignal };

/** With `uid`, the write fails (Conflict) if the object of that name is gone or another one by now. */
export type IdentityOptions = WriteOptions & { uid?: string };

/** Receives what a watch sees. Its functions are called one at a time, in order, and must not throw. */
export type WatchSink = {
  /** Everything that exists now, after the first sync and after each loss of the thread: what is missing is gone. */
  replaced(objects: readonly KubernetesObject[]): void;
  /** One object as it is now, new or changed. */
  changed(object: KubernetesObject): void;
  /** The last state of an object that is gone. */
  deleted(object: KubernetesObject): void;
  /** The watch was interrupted and comes back by itself; for logs and metrics. */
  interrupted?(error: ClusterError, retryInMs: number): void;
};

export type WatchHealth = {
  /** `false` until the first `replaced`, and then for ever `true`. */
  synced: boolean;
  /** Since the API server was last heard on this watch: an event, a bookmark or a fresh list. */
  silentMs: number;
  /** Since this watch did anything at all: heard the server, failed, or waited to try again. Only a hang makes it grow. */
  stuckMs: number;
  relists: number;
  interruptions: number;
};

export type Watch = {
  health(): WatchHealth;
  /** No sink function is called after this returns. */
  stop(): void;
};

/** Something worth telling the user beside the object that it concerns, as seen by `kubectl describe`. */
export type ClusterEvent = {
  regarding: ObjectRef & { uid: string };
  type: "Normal" | "Warning";
  /** CamelCase, from a closed and documented set. */
  reason: string;
  /** CamelCase verb of what was being done, e.g. `Reconcile`. */
  action: string;
  /** At most 1,024 characters; the rest is cut. */
  note: string;
};

/**
 * Kubernetes, as far as a controller needs it. Promises:
 * - every function but `watch` and `recordEvent` rejects with `ClusterError` only, and does not retry by itself;
 * - writes are server-side applies under one field manager, forced: applying what is already so changes nothing;
 * - whatever is returned or given to a sink belongs to the receiver and is never changed afterwards.
 */
export type Cluster = {
  /** `undefined` when there is no such object. */
  get(ref: ObjectRef, options?: ReadOptions): Promise<KubernetesObject | undefined>;
  /** All of them, however many pages that takes. */
  list(query: ObjectQuery, options?: WriteOptions): Promise<KubernetesObject[]>;
  /** Creates the object or makes its owned fields so; returns it as stored, with `metadata.managedFields`. */
  apply(object: DesiredObject, options?: IdentityOptions): Promise<KubernetesObject>;
  /** Never creates: NotFound when the object is missing. */
  applyStatus(object: DesiredStatus, options?: WriteOptions): Promise<KubernetesObject>;
  /** Resolves also when there was nothing to delete. Dependents go in the background. */
  delete(ref: ObjectRef, options?: IdentityOptions): Promise<void>;
  /** Starts at once and lasts until stopped, through restarts of the API server and errors of any kind. */
  watch(query: ObjectQuery, sink: WatchSink): Watch;
  /** Returns at once; repeated events are counted up on one object. An event that cannot be stored is lost, not retried. */
  recordEvent(event: ClusterEvent): void;
};

/**
 * Why a call failed.
 * `Invalid`: the server's validation refused the content; may become valid when something else changes (a taken port).
 * `Malformed`: the request itself can never be accepted (unknown field, bad body).
 * `UnknownKind`: the server does not serve this kind at all; its definition is not installed.
 * `Conflict`: the object is not the one that was expected. `Expired`: the position in history is gone.
 */
export type ClusterErrorKind =
  | "NotFound"
  | "UnknownKind"
  | "AlreadyExists"
  | "Conflict"
  | "Forbidden"
  | "Unauthorized"
  | "Invalid"
  | "Malformed"
  | "Expired"
  | "TooManyRequests"
  | "Timeout"
  | "Unavailable"
  | "Internal"
  | "Aborted";

/** `backoff`: passes by itself. `slowly`: somebody must change something, look again now and then. `never`: our own fault. */
export type Retry = "backoff" | "slowly" | "never";

const RETRY: Record<ClusterErrorKind, Retry> = {
  NotFound: "backoff",
  UnknownKind: "slowly",
  AlreadyExists: "backoff",
  Conflict: "backoff",
  Forbidden: "slowly",
  Unauthorized: "backoff",
  Invalid: "slowly",
  Malformed: "never",
  Expired: "backoff",
  TooManyRequests: "backoff",
  Timeout: "backoff",
  Unavailable: "backoff",
  Internal: "backoff",
  Aborted: "backoff",
};

/** One field that the server's validation named. */
export type ErrorCause = { field: string; reason: string; message: string };

export type ClusterErrorOptions = {
  cause?: unknown;
  causes?: readonly ErrorCause[];
  retryAfterMs?: number;
};

/** The only error that the port throws. Its message is a sentence fit for a condition. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly kind: ClusterErrorKind;
  readonly retry: Retry;
  /** Which fields the server objected to, when it said so. */
  readonly causes: readonly ErrorCause[];
  /** The server asked not to come back before. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: ClusterErrorKind, message: string, options: ClusterErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retry = RETRY[kind];
    this.causes = options.causes ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}
