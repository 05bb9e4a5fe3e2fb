/** Time that a test can control. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
  /** Runs the callback once, after `ms` milliseconds. The returned function cancels it. */
  readonly schedule: (ms: number, callback: () => void) => () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  schedule: (ms, callback) => {
    // Node makes a longer timer fire at once.
    const timer = setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};
