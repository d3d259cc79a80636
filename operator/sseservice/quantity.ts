/** Kubernetes quantities (`64Mi`, `1G`, `1073741824`) as bytes. Pure. */

const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1 / 1_000,
  k: 1_000,
  M: 1_000 ** 2,
  G: 1_000 ** 3,
  T: 1_000 ** 4,
  Ki: 1_024,
  Mi: 1_024 ** 2,
  Gi: 1_024 ** 3,
  Ti: 1_024 ** 4,
};

/** Whole bytes of a quantity, rounded down; throws a RangeError when it is not one. */
export function bytesFromQuantity(quantity: string | number): number {
  const [, amount, suffix = ""] = /^([0-9]+(?:\.[0-9]+)?)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
  const factor = FACTORS[suffix];
  if (amount === undefined || factor === undefined) {
    throw new RangeError(`Cannot read quantity "${quantity}": expected digits and a suffix such as Mi or Gi`);
  }
  return Math.floor(Number(amount) * factor);
}
