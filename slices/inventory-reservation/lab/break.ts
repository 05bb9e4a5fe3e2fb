import type { Story } from '@lab/testing/story';
import { type OpenShop, openNaiveShop, openOurShop, type Shop } from './shops.ts';

const HOUR_MS = 3_600_000;

/** Runs with a new shop, and closes it. */
const inShop = async <Result>(
  open: OpenShop,
  stock: Record<string, number>,
  run: (shop: Shop) => Promise<Result>,
) => {
  const shop = await open(Object.entries(stock).map(([sku, quantity]) => ({ sku, quantity })));
  try {
    return await run(shop);
  } finally {
    await shop.close();
  }
};

/** 200 buyers want one of 10 items at once. Resolves with how many were promised one. */
const promised = (open: OpenShop): Promise<number> =>
  inShop(open, { HOT: 10 }, async ({ reserve }) => {
    const buyers = Array.from({ length: 200 }, () => reserve([{ sku: 'HOT', quantity: 1 }]));
    return (await Promise.all(buyers)).filter((held) => held !== undefined).length;
  });

/** 20 carts of which the second line is short. Counts what they hold although they were refused. */
const halves = (open: OpenShop): Promise<number> =>
  inShop(open, { 'A-TEA': 100, 'B-CUP': 0 }, async ({ reserve, left }) => {
    for (let cart = 0; cart < 20; cart += 1)
      await reserve([
        { sku: 'A-TEA', quantity: 1 },
        { sku: 'B-CUP', quantity: 1 },
      ]);
    return 100 - (await left('A-TEA'));
  });

/** 20 buyers reserve one item each and are never seen again. Counts what they block an hour later. */
const blocked = (open: OpenShop): Promise<number> =>
  inShop(open, { TEA: 20 }, async ({ reserve, left, pass }) => {
    for (let buyer = 0; buyer < 20; buyer += 1) await reserve([{ sku: 'TEA', quantity: 1 }]);
    pass(HOUR_MS);
    return 20 - (await left('TEA'));
  });

/** 20 releases are each sent twice. Counts the items that exist only in the database. */
const invented = (open: OpenShop): Promise<number> =>
  inShop(open, { TEA: 20 }, async ({ reserve, left }) => {
    for (let buyer = 0; buyer < 20; buyer += 1) {
      const release = await reserve([{ sku: 'TEA', quantity: 1 }]);
      await release?.();
      await release?.();
    }
    return (await left('TEA')) - 20;
  });

const both = async (mishap: (open: OpenShop) => Promise<number>) => ({
  naive: await mishap(openNaiveShop),
  ours: await mishap(openOurShop),
});

export const breakNaive = async (): Promise<Story> => {
  const sold = await both(promised);
  return {
    victim: {
      given: '10 items, and 200 buyers at once',
      naive: `${sold.naive} buyers were promised one`,
      ours: `${sold.ours} buyers were promised one`,
    },
    counts: [
      {
        what: 'buyers of the last 10 items who get nothing, of 200 at once',
        naive: sold.naive - 10,
        ours: sold.ours - 10,
      },
      { what: 'items held by carts that were refused, of 20 carts', ...(await both(halves)) },
      { what: 'items still blocked an hour after 20 buyers left', ...(await both(blocked)) },
      { what: 'items invented, when 20 releases are each sent twice', ...(await both(invented)) },
    ],
  };
};
