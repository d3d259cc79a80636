/** Counts events and marks in one-second buckets over a sliding window. Time is an argument. */

/**
 * @typedef {object} Second
 * @property {number} events
 * @property {"reconnect" | "gap" | undefined} mark the gravest of the second
 */

/** @param {number} windowSeconds */
export function createRateMeter(windowSeconds) {
  /** @type {Second[]} oldest first; the last one is the second under way */
  const seconds = Array.from({ length: windowSeconds }, emptySecond);
  /** @type {number | undefined} */
  let current;

  /**
   * Moves the window to `nowMs` and gives the second under way.
   * @param {number} nowMs
   */
  function advance(nowMs) {
    const now = Math.floor(nowMs / 1000);
    current ??= now;
    const steps = Math.min(now - current, windowSeconds);
    for (let step = 0; step < steps; step += 1) {
      seconds.shift();
      seconds.push(emptySecond());
    }
    current = Math.max(now, current);
    return seconds[windowSeconds - 1] ?? emptySecond();
  }

  return {
    /** @param {number} nowMs */
    count(nowMs) {
      advance(nowMs).events += 1;
    },

    /**
     * @param {"reconnect" | "gap"} mark
     * @param {number} nowMs
     */
    mark(mark, nowMs) {
      const second = advance(nowMs);
      if (second.mark !== "gap") second.mark = mark;
    },

    /**
     * @param {number} nowMs
     * @returns {{ perSecond: number, seconds: readonly Readonly<Second>[] }} the rate is that of the last whole second
     */
    read(nowMs) {
      advance(nowMs);
      return { perSecond: seconds[windowSeconds - 2]?.events ?? 0, seconds };
    },
  };
}

/** @returns {Second} */
function emptySecond() {
  return { events: 0, mark: undefined };
}
