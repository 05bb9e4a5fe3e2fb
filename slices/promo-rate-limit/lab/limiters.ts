/** Two ways to limit callers to 100 requests a second, on a clock that the caller moves. */
import { createMemoryStore, createRateLimiter } from '../src/index.ts';
import { createNaiveLimiter } from './naive-limiter.ts';

export const PER_SECOND = 100;

export interface Limiting {
  readonly take: (key: string) => boolean | Promise<boolean>;
  /** Counters or buckets in memory. */
  readonly size: () => number;
  readonly moveClock: (ms: number) => void;
}

const clock = () => {
  let nowMs = 1_800_000_000_000;
  const moveClock = (ms: number): void => {
    nowMs += ms;
  };
  return { now: () => nowMs, moveClock };
};

export const limitNaively = (): Limiting => {
  const { now, moveClock } = clock();
  const { take, counts } = createNaiveLimiter(PER_SECOND, now);
  return { take, size: () => counts.size, moveClock };
};

export const limitByBucket = (): Limiting => {
  const { now, moveClock } = clock();
  const store = createMemoryStore({ now });
  const policy = { name: 'lab', capacity: 100, refillPerSecond: PER_SECOND, withoutStore: 'open' } as const;
  const limiter = createRateLimiter(policy, { store });
  return { take: async (key) => (await limiter.take(key)).allowed, size: () => store.size, moveClock };
};

/** How many of these requests are let through. */
export const countPassing = async ({ take }: Limiting, requests: number): Promise<number> => {
  let passing = 0;
  for (let sent = 0; sent < requests; sent += 1) if (await take('one')) passing += 1;
  return passing;
};

/** Sends 100 requests just before a full second and 100 just after it, after a pause. Counts those beyond the limit. */
export const countAroundSecond = async (limiting: Limiting): Promise<number> => {
  limiting.moveClock(999);
  const before = await countPassing(limiting, PER_SECOND);
  limiting.moveClock(2);
  // In two milliseconds, a rate of 100 a second lets nobody through.
  return before + (await countPassing(limiting, PER_SECOND)) - PER_SECOND;
};

/** Uses the limit up, sets the clock back by five seconds, and uses it up again. Counts the requests beyond the limit. */
export const countAfterStepBack = async (limiting: Limiting): Promise<number> => {
  await countPassing(limiting, PER_SECOND);
  limiting.moveClock(-5000);
  return countPassing(limiting, PER_SECOND);
};

/** 100,000 callers come once, within 100 seconds. Resolves with what is still in memory. */
export const countRemembered = async ({ take, size, moveClock }: Limiting): Promise<number> => {
  for (let caller = 0; caller < 100_000; caller += 1) {
    moveClock(1);
    await take(`caller-${caller}`);
  }
  return size();
};
