/** Waits for something that tells nobody when it is ready, such as a server that is starting. */
import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
}

/** Asks again and again until `check` holds; a `check` that throws ends the wait at once. */
export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  { timeoutMs, intervalMs = 25 }: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadline)
      throw new Error(`Cannot wait longer for "${what}": ${timeoutMs} ms have passed`);
    await delay(intervalMs);
  }
}
