import type { Story } from '@lab/testing/story';
import { type OpenShop, openNaiveShop, openOurShop, type Shop } from './shops.ts';

const CONES = 'ICE-CONE-12';
const FUDGE = 'SNACK-FUDGE-250';

/** Runs with a new shop, and closes it. */
const inShop = async <Result>(
  open: OpenShop,
  stock: Readonly<Record<string, number>>,
  run: (shop: Shop) => Promise<Result>,
) => {
  const shop = await open(stock);
  try {
    return await run(shop);
  } finally {
    await shop.close();
  }
};

const shoppers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** 200 shoppers order one of 10 items at once. Resolves with how many orders there are, and what is left. */
const lastItems = (open: OpenShop) =>
  inShop(open, { [CONES]: 10 }, async ({ fill, checkOut, orders, left }) => {
    for (const user of shoppers(200)) await fill(user, { [CONES]: 1 });
    await Promise.all(shoppers(200).map(checkOut));
    return { orders: await orders(), left: await left(CONES) };
  });

/** 20 shoppers press the button twice. Counts the orders that they did not want. */
const doubleOrders = (open: OpenShop): Promise<number> =>
  inShop(open, { [CONES]: 1000 }, async ({ fill, checkOut, orders }) => {
    for (const user of shoppers(20)) await fill(user, { [CONES]: 1 });
    await Promise.all([...shoppers(20), ...shoppers(20)].map(checkOut));
    return (await orders()) - 20;
  });

/** 20 carts of which the second line is short. Counts the items that are gone although nobody has ordered them. */
const lostItems = (open: OpenShop): Promise<number> =>
  inShop(open, { [CONES]: 100, [FUDGE]: 0 }, async ({ fill, checkOut, left }) => {
    for (const user of shoppers(20)) {
      await fill(user, { [CONES]: 1, [FUDGE]: 1 });
      await checkOut(user);
    }
    return 100 - (await left(CONES));
  });

export const breakNaive = async (): Promise<Story> => {
  const [set, decrement] = [openNaiveShop('set'), openNaiveShop('decrement')];
  const [sold, counted, ours] = [
    await lastItems(set),
    await lastItems(decrement),
    await lastItems(openOurShop),
  ];
  return {
    victim: {
      given: '10 items, and 200 shoppers who order one at once',
      naive: `${sold.orders} orders; the stock says that ${sold.left} items are left`,
      ours: `${ours.orders} orders; the stock says that ${ours.left} items are left`,
    },
    counts: [
      {
        what: 'orders for items that are not there, of 200 at once for 10: check, then write the rest',
        naive: sold.orders - 10,
        ours: ours.orders - 10,
      },
      {
        what: 'the same: check, then `left = left - 1`',
        naive: counted.orders - 10,
        ours: ours.orders - 10,
      },
      {
        what: 'second orders of one cart, when 20 shoppers press the button twice',
        naive: await doubleOrders(set),
        ours: await doubleOrders(openOurShop),
      },
      {
        what: 'items lost to checkouts that were refused, of 20',
        naive: await lostItems(set),
        ours: await lostItems(openOurShop),
      },
    ],
  };
};
