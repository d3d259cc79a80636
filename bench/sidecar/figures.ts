/** What nginx needs for a stream, what is promised of it, and how it is shown. */
import type { Promised } from "../report/promises.ts";
import type { Measured } from "../report/rounds.ts";
import { kilobytes, type Column } from "../report/tables.ts";

export type SharingName = "shared" | "alone";

export interface Sharing extends Measured<SharingName> {
  readonly streamsPerConnection: number;
}

type Metric = "bytesPerStream";

export const sharings: readonly Sharing[] = [
  { name: "shared", title: "10 streams a connection", isOurs: true, streamsPerConnection: 10 },
  { name: "alone", title: "1 stream a connection", isOurs: true, streamsPerConnection: 1 },
];

const memory = { metric: "bytesPerStream", bound: "atMost", unit: "bytes" } as const;

export const promises: readonly Promised<SharingName, Metric>[] = [
  { title: "memory per stream, 10 on a connection", of: "shared", ...memory, reach: 16_000 },
  { title: "memory per stream, 1 on a connection", of: "alone", ...memory, reach: 40_000 },
];

export const columns: readonly Column<Metric>[] = [
  { title: "a stream", metric: "bytesPerStream", format: kilobytes },
];

export const notes = `It is the growth of resident memory of nginx's processes while the streams are opened over TLS and HTTP/2, with the
configuration that the operator writes for a pod. The runtime's share is in the first section.`;
