export interface FakeClock {
  readonly now: () => Date;
  /** Resolves when the clock has been advanced by `ms`. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Advances the clock. Sleepers wake in order, and each sees the time it asked for. */
  readonly advance: (ms: number) => Promise<void>;
}

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that moves only when advanced. `startIso` is a time such as `2026-11-20T12:00:00.000Z`. */
export const createFakeClock = (startIso: string): FakeClock => {
  let nowMs = Date.parse(startIso);
  if (Number.isNaN(nowMs)) throw new RangeError('the start must be an ISO 8601 time');
  const sleepers: Sleeper[] = [];

  const nextUntil = (untilMs: number): Sleeper | undefined => {
    sleepers.sort((a, b) => a.wakesAtMs - b.wakesAtMs);
    return sleepers[0] && sleepers[0].wakesAtMs <= untilMs ? sleepers.shift() : undefined;
  };

  return {
    now: () => new Date(nowMs),
    sleep: (ms) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      sleepers.push({ wakesAtMs: nowMs + ms, wake: resolve });
      return promise;
    },
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      // A sleeper that wakes may sleep again within this period, so its code runs before the clock moves on.
      for (let next = nextUntil(untilMs); next; next = nextUntil(untilMs)) {
        nowMs = Math.max(nowMs, next.wakesAtMs);
        next.wake();
        await microtasks();
      }
      nowMs = untilMs;
    },
  };
};
