import type { Story } from '@lab/testing/story';
import { type Gifts, openGifts } from './gifts.ts';
import { failures, impatience, kills, otherRequests, otherUsers, repeats } from './mishaps.ts';
import type { Way } from './ways.ts';

/** One request whose first attempt failed, sent again. */
const retryOf = async (gifts: Gifts, way: Way): Promise<string> => {
  const wish = { userId: '1', key: `victim-${way}`, sku: `victim-${way}` };
  await gifts[way](wish, () => Promise.reject(new Error('the stock could not be read'))).catch(
    () => undefined,
  );
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
      given: 'a request whose first attempt failed, sent again with its key',
      naive: await retryOf(gifts, 'naive'),
      ours: await retryOf(gifts, 'ours'),
    },
    counts: [
      { what: 'gifts too many, where 100 requests are sent 5 times at once', ...(await both(impatience)) },
      { what: 'repeats answered otherwise than the first attempt, of 20', ...(await both(repeats)) },
      { what: 'gifts lost after an attempt that failed, of 20', ...(await both(failures)) },
      { what: 'gifts lost or doubled after a SIGKILL while granting, of 5', ...(await both(kills)) },
      { what: 'other requests with a used key answered as done, of 20', ...(await both(otherRequests)) },
      { what: 'gifts of a second user with the same key lost, of 20', ...(await both(otherUsers)) },
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
