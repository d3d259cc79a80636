/** Runs at most so many pieces of work at a time; the others wait in order. */
export type Slots = {
  /** Settles as the work does. */
  run<T>(work: () => Promise<T>): Promise<T>;
};

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;

  async function take(): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  return {
    async run(work) {
      await take();
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
