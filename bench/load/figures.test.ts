import { expect, test } from "vitest";
import { bytesPerSubscriber, cpuUsPerDelivery, deliveryRate, phaseOf, publishingRate } from "./figures.ts";
import type { LoadReport } from "./load.ts";

const calm = {
  Name: "calm",
  Published: 30,
  Delivered: 1_000,
  Seconds: 10,
  PublishingSeconds: 6,
  CpuSeconds: 0.005,
  P50Ms: 1,
  P99Ms: 2,
  MaxMs: 3,
};

const report: LoadReport = {
  ConnectSeconds: 1,
  BytesBefore: 1_000,
  BytesAfter: 41_000,
  Lost: 0,
  Repeated: 0,
  Orders: 1,
  Phases: [calm],
  Restart: null,
};

test("figures are by the second, the delivery and the subscriber", () => {
  expect(deliveryRate(calm)).toBe(100);
  expect(publishingRate(calm)).toBe(5);
  expect(cpuUsPerDelivery(calm)).toBe(5);
  expect(bytesPerSubscriber(report, 10)).toBe(4_000);
});

test("a phase that is not there is an error, not a figure", () => {
  expect(phaseOf(report, "calm")).toBe(calm);
  expect(() => phaseOf(report, "flood")).toThrow('the phase "flood"');
});
