/**
 * Reads at once and then again and again: a Secret's volume is replaced as a whole, and file system events of it are easily
 * missed.
 */
const PERIOD_MS = 2_000;

export interface KeptReading {
  /** Never rejects. */
  readonly readNow: () => Promise<void>;
  readonly close: () => void;
}

/** Resolves after the first time. `read` may reject; `onError` is told once for each time that it begins to. */
export async function keepReading(
  read: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<KeptReading> {
  let isFailing = false;
  const readNow = async (): Promise<void> => {
    try {
      await read();
      isFailing = false;
    } catch (error) {
      if (!isFailing) onError(error);
      isFailing = true;
    }
  };
  await readNow();
  const timer = setInterval(() => void readNow(), PERIOD_MS).unref();
  return { readNow, close: () => clearInterval(timer) };
}
