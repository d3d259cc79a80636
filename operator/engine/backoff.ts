/** How long to wait after the n-th failure in a row. Pure: the randomness is an argument. */

export type BackoffOptions = { baseMs: number; maxMs: number };

/**
 * Doubles from `baseMs` up to `maxMs`; then takes a random part between a half and the whole of that, so that many who
 * failed together do not come back together. `failures` counts from 1, `random` is in [0, 1).
 */
export function backoffMs(failures: number, random: number, { baseMs, maxMs }: BackoffOptions): number {
  const exponent = Math.max(0, Math.min(failures - 1, 52)); // beyond that, doubles lose the unit
  const ceiling = Math.min(maxMs, baseMs * 2 ** exponent);
  return ceiling / 2 + (random * ceiling) / 2;
}
