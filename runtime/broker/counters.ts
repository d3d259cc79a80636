/** What a hub has done since it was created: plain numbers, so that counting costs the hot path nothing. */
import type { EndReason, GapReason, RefusalReason } from "./reasons.ts";

export interface HubCounters {
  accepted: number;
  readonly refused: Record<RefusalReason, number>;
  readonly ended: Record<EndReason, number>;
  /** Streams that asked to resume and could. */
  resumed: number;
  readonly gaps: Record<GapReason, number>;
  /** Read from the log. */
  eventsIn: number;
  bytesIn: number;
  /** Written to subscribers: one event to ten subscribers counts ten. */
  eventsOut: number;
  bytesOut: number;
}

export function createCounters(): HubCounters {
  return {
    accepted: 0,
    refused: { connection_limit: 0, not_ready: 0, keys_unavailable: 0, shutdown: 0 },
    ended: {
      client_closed: 0,
      connection_error: 0,
      slow_subscriber: 0,
      lifetime: 0,
      token_expired: 0,
      shutdown: 0,
    },
    resumed: 0,
    gaps: { trimmed: 0, epoch: 0, ahead: 0, diverged: 0, malformed: 0 },
    eventsIn: 0,
    bytesIn: 0,
    eventsOut: 0,
    bytesOut: 0,
  };
}
