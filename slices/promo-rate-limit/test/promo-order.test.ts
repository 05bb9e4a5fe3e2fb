import { transact } from '@lab/shared/database';
import { parseMoney } from '@lab/shared/money';
import { eachDatabase } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { createPromoStore } from '../src/index.ts';
import { openPromos, usd } from './promo-app.ts';

const total = parseMoney(usd('80.00'));
const wish = { code: 'FIRST50', userId: 1, total };

eachDatabase((engine) => {
  const open = async () => {
    const { db, now, promos } = await openPromos(engine);
    const used = async () =>
      (await promos.list()).find(({ promo }) => promo.code === wish.code)?.redeemed ?? 0;
    const counted = () =>
      db
        .selectFrom('promo_codes')
        .innerJoin('promo_uses', 'promo_uses.code', 'promo_codes.code')
        .select(['redeemed', 'uses'])
        .where('promo_codes.code', '=', wish.code)
        .execute();
    let made = 0;
    const newId = () => `in-transaction-${++made}`;
    return { db, promos, used, counted, on: (trx: typeof db) => createPromoStore(trx, { now, newId }) };
  };

  describe('a redemption for an order', () => {
    it("consumes nothing if the order's transaction rolls back", async () => {
      const { db, promos, on, used, counted } = await open();
      const held = await promos.redeem({ ...wish, cartId: 'cart' });
      const failing = (code: string) =>
        transact(db, async (trx) => {
          const outcome = await on(trx).redeemForOrder({ ...wish, code, orderId: 'order' });
          expect(outcome.state).toBe('redeemed');
          throw new Error('the order failed');
        });
      await expect(failing('FIRST50')).rejects.toThrow('the order failed');
      await expect(failing('WELCOME10')).rejects.toThrow('the order failed');
      expect(await used()).toBe(1);
      expect(await counted()).toEqual([{ redeemed: 1, uses: 1 }]);
      // The cart has kept what the order would have taken over.
      const again = await promos.redeem({ ...wish, cartId: 'cart' });
      expect(again).toEqual({ ...held, state: 'repeated' });
      const other = await promos.redeem({ ...wish, code: 'WELCOME10', cartId: 'cart' });
      expect(other.state).toBe('redeemed');
    });

    it('is made once, by two callers at once and by repeats, and takes over what a cart has', async () => {
      const { promos, used, counted } = await open();
      await promos.redeem({ ...wish, cartId: 'cart' });
      const order = { ...wish, total: parseMoney(usd('10.05')), orderId: 'order' };
      const outcomes = await Promise.all([promos.redeemForOrder(order), promos.redeemForOrder(order)]);
      expect(outcomes.map(({ state }) => state).toSorted()).toEqual(['redeemed', 'repeated']);
      expect(
        outcomes.map((one) => one.state !== 'refused' && one.redemption.discount.amount.toFixed()),
      ).toEqual(['2.01', '2.01']);
      expect((await promos.redeemForOrder(order)).state).toBe('repeated');
      expect([await used(), await counted()]).toEqual([1, [{ redeemed: 1, uses: 1 }]]);
    });

    it('is given back exactly once, by two callers at once, and not if their transaction rolls back', async () => {
      const { db, promos, on, used, counted } = await open();
      await promos.redeem({ ...wish, userId: 2, cartId: 'cart' });
      await promos.redeemForOrder({ ...wish, orderId: 'order' });
      const failing = transact(db, async (trx) => {
        expect(await on(trx).giveBackOrder('order')).toBe(1);
        throw new Error('the cancellation failed');
      });
      await expect(failing).rejects.toThrow('the cancellation failed');
      expect(await used()).toBe(2);
      const given = await Promise.all([promos.giveBackOrder('order'), promos.giveBackOrder('order')]);
      expect(given.toSorted()).toEqual([0, 1]);
      expect(await promos.giveBackOrder('order')).toBe(0);
      expect(await used()).toBe(1);
      expect((await counted()).toSorted((a, b) => a.uses - b.uses)).toEqual([
        { redeemed: 1, uses: 0 },
        { redeemed: 1, uses: 1 },
      ]);
    });
  });
});
