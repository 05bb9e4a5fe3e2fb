import { checkStock } from '@lab/inventory-reservation';
import { type DatabaseEngine, eachDatabase, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { alice, bob, openDemo, operator } from './demo-app.ts';

type Headers = Readonly<Record<string, string>>;

const ROUNDS = process.env.FULL_PROOF === '1' ? 100 : 6;
const SKU = 'ART-EASEL-TABLE';
const withId = z.looseObject({ id: z.string() });

const openShop = async (engine: DatabaseEngine) => {
  const { url } = await engine.open();
  const { db, app } = await openDemo(url, {
    PAYMENT_RECONCILE_INTERVAL_MS: '20',
    PAYMENT_CHECK_AFTER_MS: '20',
  });
  const { request } = await startApp(app);
  const post = (path: string, as: Headers, json: object = {}) =>
    request('POST', path, { headers: { ...as, 'Idempotency-Key': crypto.randomUUID() }, json });
  const get = async (path: string, as: Headers = alice) => (await request('GET', path, { headers: as })).body;
  const order = async () => {
    await request('POST', '/carts/me/items', { headers: alice, json: { sku: SKU, quantity: 1 } });
    const { id } = withId.parse((await post('/checkout', alice)).body);
    const { id: payment } = withId.parse((await post('/payments', alice, { order_id: id })).body);
    return { id, payment };
  };
  return { db, post, get, order };
};

eachDatabase((engine) => {
  test(`whoever pays, cancels, confirms and refunds at once: no order keeps money without its goods, ${ROUNDS} rounds`, async () => {
    const { db, post, get, order } = await openShop(engine);
    const before = await get(`/stock/${SKU}`);
    const statuses = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id, payment } = await order();
      const confirm = (as: Headers) =>
        post(`/payments/${payment}/confirm`, as, { payment_method: 'pm_card_visa' });
      const paying = [confirm(alice), confirm(alice), confirm(bob)];
      // In every other round once the money has moved.
      if (round % 2 === 0) await paying[0];
      const competing = [
        post(`/orders/${id}/cancel`, alice),
        post(`/orders/${id}/cancel`, bob),
        post(`/orders/${id}/transitions`, operator, {
          to: round % 3 === 0 ? 'refunded' : 'payment_confirmed',
        }),
        post(`/payments/${payment}/refunds`, operator, { amount: { amount: '10.00', currency: 'USD' } }),
        post(`/payments/${payment}/cancel`, alice),
        post(`/orders/${id}/cancel`, alice),
      ];
      for (const { status } of await Promise.all([...paying, ...competing])) statuses.add(status);
    }
    expect([...statuses].filter((status) => ![200, 201, 202, 404, 409].includes(status))).toEqual([]);
    const open = async () => [
      ...(await db.selectFrom('payments').select('id').where('status', '=', 'processing').execute()),
      ...(await db.selectFrom('payment_refunds').select('id').where('status', '=', 'pending').execute()),
    ];
    await expect.poll(open, { timeout: 10_000 }).toEqual([]);
    const ends = await db
      .selectFrom('orders as o')
      .innerJoin('payments as p', 'p.reference', 'o.id')
      .select(['o.status', 'p.captured', 'p.refunded'])
      .execute();
    expect(ends).toHaveLength(ROUNDS);
    // Each of them was cancelled, or refunded before that.
    expect(ends.filter(({ captured, refunded }) => captured !== refunded)).toEqual([]);
    const sold = ends.filter(({ status }) => status !== 'cancelled');
    expect(sold.filter(({ status }) => status !== 'refunded')).toEqual([]);
    const { on_hand } = z.object({ on_hand: z.int() }).parse(before);
    expect(await get(`/stock/${SKU}`)).toMatchObject({ on_hand: on_hand - sold.length, reserved: 0 });
    expect(await get('/payments/ledger/verify', operator)).toMatchObject({ ok: true, unmatched: [] });
    expect((await checkStock(db)).faults).toEqual([]);
  }, 120_000);
});
