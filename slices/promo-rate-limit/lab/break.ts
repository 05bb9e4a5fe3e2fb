import type { Story } from '@lab/testing/story';
import {
  countAfterStepBack,
  countAroundSecond,
  countPassing,
  countRemembered,
  type Limiting,
  limitByBucket,
  limitNaively,
  PER_SECOND,
} from './limiters.ts';
import { countBeyondLimit, countBurned, type Redeeming, withPromos } from './promos.ts';

/** What a caller gets through within two milliseconds around a full second. */
const burstOf = async (limiting: Limiting): Promise<string> => {
  limiting.moveClock(999);
  const before = await countPassing(limiting, PER_SECOND);
  limiting.moveClock(2);
  return `${before} just before the second, ${await countPassing(limiting, PER_SECOND)} just after it`;
};

const bothLimiters = async (count: (limiting: Limiting) => Promise<number>) => ({
  naive: await count(limitNaively()),
  ours: await count(limitByBucket()),
});

const bothPromos = (count: (redeeming: Redeeming) => Promise<number>) =>
  withPromos(async (naive, ours) => ({ naive: await count(naive), ours: await count(ours) }));

export const breakNaive = async (): Promise<Story> => ({
  victim: {
    given: 'a limit of 100 requests a second, and a caller who sends 200 within two milliseconds',
    naive: await burstOf(limitNaively()),
    ours: await burstOf(limitByBucket()),
  },
  counts: [
    { what: 'requests beyond the limit around a full second', ...(await bothLimiters(countAroundSecond)) },
    {
      what: 'requests beyond the limit after the clock stepped back',
      ...(await bothLimiters(countAfterStepBack)),
    },
    {
      what: 'callers in memory, of 100,000 that came once in 100 s',
      ...(await bothLimiters(countRemembered)),
      atMost: 2000,
    },
    {
      what: 'redemptions beyond 50, when 500 users redeem FIRST50 at once',
      ...(await bothPromos(countBeyondLimit)),
    },
    { what: 'redemptions used up by repeating a request, of 20', ...(await bothPromos(countBurned)) },
  ],
});
