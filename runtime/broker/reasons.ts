/** Why streams end or are not begun, and why a resume may have missed events: closed sets, told in docs/wire.md. */

export type EndReason =
  /** The client closed the connection. */
  | "client_closed"
  /** The connection broke. */
  | "connection_error"
  /** More bytes than the limit were waiting for it when further events came, or its backfill made no progress. */
  | "slow_subscriber"
  /** The stream reached its jittered maximum lifetime. */
  | "lifetime"
  /** The token that opened the stream has expired. */
  | "token_expired"
  /** The process is going away. */
  | "shutdown";

export type RefusalReason =
  /** As many streams as allowed are open. */
  | "connection_limit"
  /** The history has not been read yet. */
  | "not_ready"
  /** The keys that tokens are verified with cannot be had. */
  | "keys_unavailable"
  /** The process is going away. */
  | "shutdown";

export type GapReason =
  /** The history no longer holds what follows the cursor. */
  | "trimmed"
  /** The log that the cursor belongs to is gone. */
  | "epoch"
  /** The cursor lies behind the log's end: the log has lost its newest part. */
  | "ahead"
  /** Another event stands at the cursor's position: the log was rolled back and written anew. */
  | "diverged"
  /** Not a cursor of this service. */
  | "malformed";
