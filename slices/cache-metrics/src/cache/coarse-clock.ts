/**
 * Milliseconds that never step back, read from the system at most once in a millisecond. Reading the system's clock costs
 * more than the rest of a hit. The time may be behind by a millisecond and what is left of the event loop's turn.
 */
export const createCoarseClock = (): (() => number) => {
  let nowMs: number | undefined;
  const forget = (): void => {
    nowMs = undefined;
  };
  return () => {
    if (nowMs === undefined) {
      nowMs = performance.now();
      setTimeout(forget, 1).unref();
    }
    return nowMs;
  };
};
