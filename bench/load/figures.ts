/** What the load tool's reports come to. */
import type { LoadReport, PhaseReport } from "./load.ts";

export function deliveryRate({ Delivered: delivered, Seconds: seconds }: PhaseReport): number {
  return delivered / seconds;
}

export function publishingRate({ Published: published, PublishingSeconds: seconds }: PhaseReport): number {
  return published / seconds;
}

export function cpuUsPerDelivery({ CpuSeconds: seconds, Delivered: delivered }: PhaseReport): number {
  return (seconds / delivered) * 1e6;
}

/** What the servers' memory grew by while the subscribers came. */
export function bytesPerSubscriber(
  { BytesAfter: after, BytesBefore: before }: LoadReport,
  subscribers: number,
): number {
  return (after - before) / subscribers;
}

export function phaseOf(report: LoadReport, name: string): PhaseReport {
  const found = report.Phases.find((each) => each.Name === name);
  if (found === undefined) throw new Error(`Cannot find the phase "${name}" in the load tool's report`);
  return found;
}
