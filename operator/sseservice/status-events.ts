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
    ...becomes("Stalled", "True", "Warning", previous, next),
    ...becomes("BackplaneReady", "False", "Warning", previous, next),
    ...becomes("Ready", "True", "Normal", previous, next),
    ...newCertificate(previous, next),
    ...newRenewalFailure(previous, next),
  ];
}

/** An event when the condition takes this status, or has it for another reason. */
function becomes(
  type: ConditionType,
  status: Condition["status"],
  eventType: StatusEvent["type"],
  previous: SseServiceStatus | undefined,
  next: SseServiceStatus,
): StatusEvent[] {
  const before = find(previous, type);
  const now = find(next, type);
  const isSame = before?.status === now?.status && before?.reason === now?.reason;
  if (now?.status !== status || isSame) return [];
  return [{ type: eventType, reason: now.reason, note: now.message }];
}

function newCertificate(previous: SseServiceStatus | undefined, next: SseServiceStatus): StatusEvent[] {
  const { certificate } = next;
  if (!certificate || certificate.notAfter === previous?.certificate?.notAfter) return [];
  return [{ type: "Normal", reason: "CertificateIssued", note: `Valid until ${certificate.notAfter}` }];
}

/** The certificate is good, so that the condition's status does not tell. */
function newRenewalFailure(previous: SseServiceStatus | undefined, next: SseServiceStatus): StatusEvent[] {
  const before = find(previous, "CertificateReady");
  const now = find(next, "CertificateReady");
  if (now?.reason !== "RenewalFailing" || before?.reason === now.reason) return [];
  return [{ type: "Warning", reason: now.reason, note: now.message }];
}

function find(status: SseServiceStatus | undefined, type: ConditionType): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
