/** What one round of one server comes to. */
import type { PeerName } from "../peers/peer.ts";
import type { LoadReport, PhaseReport } from "./load.ts";

export interface Measurement {
  /** Deliveries a second with 8 publishers. */
  readonly flood: number;
  /** Deliveries a second when the next event waits until everybody has the last. */
  readonly lockstep: number;
  /** At 2 events a second. */
  readonly cpuUsPerDelivery: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytesPerSubscriber: number;
  /** Events a second from 8 publishers to one subscriber; only of the servers that promises compare. */
  readonly publishing?: number;
  readonly batchPublishing?: number;
  /** Deliveries a second when every subscriber has a topic of its own, from 8 publishers in batches of 100. */
  readonly ownTopics?: number;
  readonly bytesPerTopic?: number;
}

/** One round: every server once; undefined where it failed. */
export type Round = Readonly<Partial<Record<PeerName, Measurement | undefined>>>;

export function measure(report: LoadReport, subscribers: number): Measurement {
  const calm = phase(report, "calm");
  return {
    flood: deliveryRate(phase(report, "flood")),
    lockstep: deliveryRate(phase(report, "lockstep")),
    cpuUsPerDelivery: (calm.CpuSeconds / calm.Delivered) * 1e6,
    p50Ms: calm.P50Ms,
    p99Ms: calm.P99Ms,
    bytesPerSubscriber: growthPerSubscriber(report, subscribers),
  };
}

/** What a topic adds, compared with subscribers that share one. */
export function measureOwnTopics(
  report: LoadReport,
  subscribers: number,
  shared: Measurement,
): Required<Pick<Measurement, "ownTopics" | "bytesPerTopic">> {
  return {
    ownTopics: deliveryRate(phase(report, "own topics")),
    bytesPerTopic: growthPerSubscriber(report, subscribers) - shared.bytesPerSubscriber,
  };
}

function growthPerSubscriber(
  { BytesAfter: after, BytesBefore: before }: LoadReport,
  subscribers: number,
): number {
  return (after - before) / subscribers;
}

export function publishingRate(report: LoadReport): number {
  const { Published: published, PublishingSeconds: seconds } = phase(report, "publishing");
  return published / seconds;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

function deliveryRate({ Delivered: delivered, Seconds: seconds }: PhaseReport): number {
  return delivered / seconds;
}

function phase(report: LoadReport, name: string): PhaseReport {
  const found = report.Phases.find((each) => each.Name === name);
  if (found === undefined) throw new Error(`Cannot find the phase "${name}" in the load tool's report`);
  return found;
}
