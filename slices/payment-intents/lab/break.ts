import { formatMinorUnits } from '@lab/shared/money';
import type { Story } from '@lab/testing/story';
import { type Lost, type OpenShop, openNaiveShop, openOurShop, type Shop } from './shops.ts';

const PAYMENTS = 20;

/** Runs with a new shop, and closes it. */
const inShop = async <Result>(open: OpenShop, run: (shop: Shop) => Promise<Result>): Promise<Result> => {
  const shop = await open();
  try {
    return await run(shop);
  } finally {
    await shop.close();
  }
};

/** Counts the payments for which something is wrong. */
const countOf = async (wrong: (id: string) => Promise<boolean>): Promise<number> => {
  let count = 0;
  for (let payment = 1; payment <= PAYMENTS; payment += 1) count += Number(await wrong(`cart-${payment}`));
  return count;
};

const chargedTwice = (open: OpenShop): Promise<number> =>
  inShop(open, ({ pay, moved }) =>
    countOf(async (id) => {
      await pay(id, 'first');
      return (await moved(id)).charged > 10_000;
    }),
  );

const chargedUnpaid = (open: OpenShop): Promise<number> =>
  inShop(open, ({ pay, moved, isPaid }) =>
    countOf(async (id) => {
      await pay(id, 'all');
      return (await moved(id)).charged > 0 && !(await isPaid(id));
    }),
  );

const downgraded = (open: OpenShop): Promise<number> =>
  inShop(open, ({ pay, hearLateFailure, isPaid }) =>
    countOf(async (id) => {
      await pay(id, 'none');
      await hearLateFailure(id);
      return !(await isPaid(id));
    }),
  );

const refundedTwice = (open: OpenShop): Promise<number> =>
  inShop(open, ({ pay, refund, moved }) =>
    countOf(async (id) => {
      await pay(id, 'none');
      await refund(id, 'first');
      return (await moved(id)).refunded > 3000;
    }),
  );

/** One payment of 100.00, in words. */
const victimOf = (open: OpenShop, lost: Lost): Promise<string> =>
  inShop(open, async ({ pay, moved, isPaid }) => {
    await pay('cart', lost);
    const { amount } = formatMinorUnits((await moved('cart')).charged, 'USD');
    return `charged ${amount}; the shop has it as ${(await isPaid('cart')) ? 'paid' : 'failed'}`;
  });

const both = async (mishap: (open: OpenShop) => Promise<number>) => ({
  naive: await mishap(openNaiveShop),
  ours: await mishap(openOurShop),
});

export const breakNaive = async (): Promise<Story> => ({
  victim: {
    given: 'a charge of 100.00 whose answers are all lost',
    naive: await victimOf(openNaiveShop, 'all'),
    ours: await victimOf(openOurShop, 'all'),
  },
  counts: [
    {
      what: 'shoppers charged twice, of 20 charges whose first answer is lost',
      ...(await both(chargedTwice)),
    },
    {
      what: 'shoppers charged but not paid, of 20 whose answers are all lost',
      ...(await both(chargedUnpaid)),
    },
    { what: 'paid orders undone by the news of an earlier failure, of 20', ...(await both(downgraded)) },
    { what: 'refunds paid twice, of 20 whose first answer is lost', ...(await both(refundedTwice)) },
  ],
});
