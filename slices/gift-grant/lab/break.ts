import type { Story } from '@lab/testing/story';
import { type Gifts, openGifts } from './gifts.ts';
import { failures, impatience, kills, otherRequests, otherUsers, repeats } from './mishaps.ts';
import type { Way } from './ways.ts';

/** Repeats a request whose first attempt failed. */
const retryOf = async (gifts: Gifts, way: Way): Promise<string> => {
  const wish = { userId: '1', key: `victim-${way}`, sku: `victim-${way}` };
  await gifts[way](wish, () => Promise.reject(new Error('could not read the stock'))).catch(() => undefined);
  const answer = await gifts[way](wish);
  const granted = await gifts.count(wish.sku);
  return `${answer === 'true' ? '"true"' : '201 with the gift'}; gifts granted: ${granted}`;
};

const tell = async (gifts: Gifts): Promise<Story> => {
  const both = async (mishap: (gifts: Gifts, way: Way) => Promise<number>) => ({
    naive: await mishap(gifts, 'naive'),
    ours: await mishap(gifts, 'ours'),
  });
  return {
    victim: {
      given: 'a request whose first attempt failed, sent again with the same key',
      naive: await retryOf(gifts, 'naive'),
      ours: await retryOf(gifts, 'ours'),
    },
    counts: [
      { what: 'extra gifts, when 100 requests are each sent 5 times at once', ...(await both(impatience)) },
      { what: 'repeats answered differently from the first attempt, of 20', ...(await both(repeats)) },
      { what: 'gifts lost after a failed attempt, of 20', ...(await both(failures)) },
      { what: 'gifts lost or doubled after a SIGKILL while granting, of 5', ...(await both(kills)) },
      { what: 'different requests with a used key answered as done, of 20', ...(await both(otherRequests)) },
      { what: 'gifts lost because another user chose the same key, of 20', ...(await both(otherUsers)) },
    ],
  };
};

export const breakNaive = async (): Promise<Story> => {
  const gifts = await openGifts('sqlite::memory:');
  try {
    return await tell(gifts);
  } finally {
    await gifts.close();
  }
};
