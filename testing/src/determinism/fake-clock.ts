export interface FakeClock {
  readonly now: () => Date;
  /** Resolves once the clock has been advanced by so much. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Moves time on, waking sleepers in the order of their hours; each sees the time it asked for. */
  readonly advance: (ms: number) => Promise<void>;
}

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that stands still until it is told. `startIso` is a time such as `2026-11-20T12:00:00.000Z`. */
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
      // Who wakes may go to sleep again within the same stretch, so that its code runs before time goes on.
      for (let next = nextUntil(untilMs); next; next = nextUntil(untilMs)) {
        nowMs = Math.max(nowMs, next.wakesAtMs);
        next.wake();
        await microtasks();
      }
      nowMs = untilMs;
    },
  };
};
