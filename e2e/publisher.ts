/** Publishes at a steady rate for as long as it is let, and keeps what was acknowledged, in order. */
import { setTimeout as pause } from "node:timers/promises";
import { type H2Client, openH2Client } from "./h2-client.ts";

export interface Publisher {
  /** The ids that were answered with 200, in the order of the answers. */
  readonly acknowledged: readonly string[];
  /** Ends with the event that is on its way. */
  stop(): Promise<void>;
}

/** One event at a time; one that is not acknowledged is sent again, with the same key, over a new connection. */
export function startPublisher(url: string, ca: string, eventsPerSecond: number): Publisher {
  const acknowledged: string[] = [];
  const stopped = new AbortController();
  const running = publishUntil(stopped.signal, {
    url,
    ca,
    intervalMs: 1_000 / eventsPerSecond,
    acknowledged,
  });
  return {
    acknowledged,
    stop: () => {
      stopped.abort();
      return running;
    },
  };
}

async function publishUntil(
  signal: AbortSignal,
  options: { url: string; ca: string; intervalMs: number; acknowledged: string[] },
): Promise<void> {
  const { url, ca, intervalMs, acknowledged } = options;
  let client: H2Client | undefined;
  for (let number = 1; !signal.aborted; number++) {
    const key = crypto.randomUUID();
    for (;;) {
      try {
        client ??= await openH2Client(url, ca);
        acknowledged.push(await client.publish(`event ${number}`, { idempotencyKey: key, timeoutMs: 5_000 }));
        break;
      } catch {
        await client?.close();
        client = undefined;
        await pause(100);
      }
    }
    await pause(intervalMs);
  }
  await client?.close();
}
