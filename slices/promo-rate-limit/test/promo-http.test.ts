import { parseMoney } from '@lab/shared/money';
import { eachDatabase } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { idOf, type PromoAppOptions, startPromos, usd } from './promo-app.ts';

eachDatabase((engine) => {
  const open = (options?: PromoAppOptions) => startPromos(engine, options);

  describe('POST /promo/apply', () => {
    it('answers the discount, and repeats it for the same cart without consuming anything', async () => {
      const { apply, used, advance } = await open();
      const first = await apply('WELCOME10', { total: usd('59.95') });
      expect(first.body).toEqual({
        redemption_id: idOf(first),
        code: 'WELCOME10',
        discount: usd('6.00'),
        total_before: usd('59.95'),
        total_after: usd('53.95'),
      });
      await advance(1000);
      expect((await apply('WELCOME10', { total: usd('1.00') })).text).toBe(first.text);
      expect(await used('WELCOME10')).toBe(1);
    });

    it('refuses what the rules of a code exclude, and consumes nothing', async () => {
      const { apply, used } = await open({ policy: { capacity: 100 } });
      for (const [code, total, status, problem] of [
        ['NOSUCH', usd('100.00'), 404, 'unknown_promo'],
        ['welcome10', usd('100.00'), 404, 'unknown_promo'],
        ['SPRING', usd('100.00'), 422, 'promo_expired'],
        ['NEXTYEAR', usd('100.00'), 422, 'promo_not_started'],
        ['SAVE5', usd('29.99'), 422, 'minimum_not_met'],
        ['SAVE5', { amount: '30.00', currency: 'EUR' }, 422, 'currency_mismatch'],
        ['WELCOME10', { amount: '30.00', currency: 'QQQ' }, 400, 'invalid_request'],
        ['WELCOME10', { amount: '30.5', currency: 'JPY' }, 400, 'invalid_request'],
        ['WELCOME10', usd('-0.01'), 400, 'invalid_request'],
        ['WELCOME10', usd('999999999999.01'), 400, 'invalid_request'],
      ] as const) {
        const answer = await apply(code, { total });
        expect([answer.status, answer.body], code).toMatchObject([status, { code: problem }]);
      }
      for (const code of ['SPRING', 'NEXTYEAR', 'SAVE5', 'WELCOME10']) expect(await used(code)).toBe(0);
      expect((await apply('SAVE5', { total: usd('30.00') })).body).toMatchObject({ discount: usd('5.00') });
    });

    it('refuses a second cart of a user whose code is used up, and a code that is used up for all', async () => {
      const { apply, used } = await open({ policy: { capacity: 100 } });
      await apply('WELCOME10');
      expect((await apply('WELCOME10', { cart: 'another' })).body).toMatchObject({
        status: 409,
        code: 'promo_already_used',
      });
      for (let user = 1; user <= 50; user += 1) await apply('FIRST50', { user });
      expect((await apply('FIRST50', { user: 51 })).body).toMatchObject({
        status: 409,
        code: 'promo_exhausted',
      });
      expect([await used('WELCOME10'), await used('FIRST50')]).toEqual([1, 50]);
    });
  });

  describe('DELETE /promo/redemptions/:id', () => {
    it('gives a redemption back once, after which the code can be redeemed again', async () => {
      const { apply, giveBack, used } = await open();
      const id = idOf(await apply('WELCOME10'));
      expect((await giveBack(id)).status).toBe(204);
      expect((await giveBack(id)).status).toBe(204);
      expect(await used('WELCOME10')).toBe(0);
      const again = await apply('WELCOME10');
      expect([again.status, idOf(again) === id]).toEqual([200, false]);
    });

    it("answers 404 for another user's redemption, and changes nothing", async () => {
      const { apply, giveBack, used } = await open();
      const id = idOf(await apply('WELCOME10'));
      expect((await giveBack(id, 2)).body).toMatchObject({ status: 404, code: 'redemption_not_found' });
      expect(await used('WELCOME10')).toBe(1);
    });

    it('answers 409 for a redemption that an order has', async () => {
      const { promos, apply, giveBack, used } = await open();
      const id = idOf(await apply('WELCOME10'));
      const total = { amount: '20.00', currency: 'USD' };
      await promos.redeemForOrder({ code: 'WELCOME10', userId: 1, orderId: 'o', total: parseMoney(total) });
      expect((await giveBack(id)).body).toMatchObject({ status: 409, code: 'redemption_in_order' });
      expect(await used('WELCOME10')).toBe(1);
    });
  });
});
