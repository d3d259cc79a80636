/** The one spelling of a time that Leases and Events take: six decimals, no fewer and no more. */
export function formatMicroTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("Z", "000Z");
}
