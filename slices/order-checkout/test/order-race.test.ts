import { checkStock } from '@lab/inventory-reservation';
import { openDatabase, transact } from '@lab/shared/database';
import { eachDatabase } from '@lab/testing';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { ShopTables } from '../src/index.ts';
import { expireOrders } from '../src/orders/expiry-sweeper.ts';
import { alice, operator, startTestShop, WINDOW_MS } from './shop-app.ts';

const ROUNDS = process.env.FULL_PROOF === '1' ? 200 : 8;
const withId = z.object({ id: z.string() });
const events = z.object({ items: z.array(z.object({ from: z.string().nullable(), to: z.string() })) });

eachDatabase((engine) => {
  const open = async () => {
    const shop = await startTestShop(engine);
    await shop.stock.create([{ sku: 'ICE-VANILLA-500', quantity: ROUNDS }]);
    // As another process would come, with connections of its own.
    const other = openDatabase<ShopTables>(shop.url);
    onTestFinished(() => other.destroy());
    const order = async () => {
      await shop.fill(alice, { 'ICE-VANILLA-500': 1 });
      return withId.parse((await shop.checkOut(alice)).body).id;
    };
    const statesOf = async (id: string) =>
      events.parse((await shop.get(`/orders/${id}/events`, alice)).body).items.map(({ to }) => to);
    return { ...shop, other, order, statesOf };
  };

  it(`lets either the payment or the expiry win, never both, ${ROUNDS} rounds`, async () => {
    const { db, other, orders, order, now, advance, statesOf, stockOf } = await open();
    let sold = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await order();
      await advance(WINDOW_MS);
      const pay = () => transact(other, (trx) => orders.paid(trx, id));
      const sweep = () => expireOrders({ db, orders, now });
      const [paid, expired] =
        round % 2 ? await Promise.all([pay(), sweep()]) : (await Promise.all([sweep(), pay()])).toReversed();
      const isPaid = typeof paid === 'object' && 'ok' in paid;
      expect([isPaid, expired]).toEqual(isPaid ? [true, 0] : [false, 1]);
      expect(await statesOf(id)).toEqual(['pending', isPaid ? 'payment_confirmed' : 'expired']);
      if (isPaid) sold += 1;
      expect(await stockOf('ICE-VANILLA-500')).toEqual([ROUNDS - sold, 0]);
    }
    expect((await checkStock(db)).faults).toEqual([]);
  }, 300_000);

  it(`lets one of cancel, ship and two operators win, and tells the others what is, ${ROUNDS} rounds`, async () => {
    const { db, order, post, statesOf, stockOf } = await open();
    let sold = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await order();
      const move = (to: string) => post(`/orders/${id}/transitions`, operator, { to });
      await move('payment_confirmed');
      await move('processing');
      const answers = await Promise.all([
        post(`/orders/${id}/cancel`, alice),
        move('shipped'),
        move('shipped'),
      ]);
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      const { status: now } = z.object({ status: z.string() }).parse(winners[0]?.body);
      for (const { body } of answers.filter(({ status }) => status !== 200))
        expect(body).toMatchObject({ code: 'illegal_transition', from: now });
      expect((await statesOf(id)).at(-1)).toBe(now);
      if (now === 'shipped') sold += 1;
      expect(await stockOf('ICE-VANILLA-500')).toEqual([ROUNDS - sold, 0]);
    }
    expect((await checkStock(db)).faults).toEqual([]);
  }, 300_000);
});
