/** What is worth an event when one status follows another: what `kubectl describe` shows under the resource. Pure. */
import type { Condition, ConditionType, SseServiceStatus } from "./status-schema.ts";

export interface StatusEvent {
  readonly type: "Normal" | "Warning";
  /** A reason of the conditions, or `CertificateIssued`. */
  readonly reason: string;
  readonly note: string;
}

export function eventsBetween(previous: SseServiceStatus | undefined, next: SseServiceStatus): StatusEvent[] {
  return [
    ...becomes("Stalled", { status: "True" }, "Warning", previous, next),
    ...becomes("BackplaneReady", { status: "False" }, "Warning", previous, next),
    ...becomes("Ready", { status: "True" }, "Normal", previous, next),
    ...newCertificate(previous, next),
    ...becomes("CertificateReady", { reason: "RenewalFailing" }, "Warning", previous, next),
  ];
}

/** An event when the condition takes this status or reason, or has the status for another reason. */
function becomes(
  type: ConditionType,
  wanted: Partial<Pick<Condition, "status" | "reason">>,
  eventType: StatusEvent["type"],
  previous: SseServiceStatus | undefined,
  next: SseServiceStatus,
): StatusEvent[] {
  const before = find(previous, type);
  const now = find(next, type);
  if (!now) return [];
  const { status = now.status, reason = now.reason } = wanted;
  const isSame = before?.status === now.status && before.reason === now.reason;
  if (now.status !== status || now.reason !== reason || isSame) return [];
  return [{ type: eventType, reason: now.reason, note: now.message }];
}

function newCertificate(previous: SseServiceStatus | undefined, next: SseServiceStatus): StatusEvent[] {
  const { certificate } = next;
  if (!certificate || certificate.notAfter === previous?.certificate?.notAfter) return [];
  return [{ type: "Normal", reason: "CertificateIssued", note: `Valid until ${certificate.notAfter}` }];
}

function find(status: SseServiceStatus | undefined, type: ConditionType): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
