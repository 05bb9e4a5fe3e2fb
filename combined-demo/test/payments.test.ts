import { checkStock } from '@lab/inventory-reservation';
import { type DatabaseEngine, eachDatabase, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { alice, bob, openDemo, operator } from './demo-app.ts';

type Headers = Readonly<Record<string, string>>;

const withId = z.looseObject({ id: z.string() });
const usd = (amount: string) => ({ amount, currency: 'USD' });
const SKU = 'ART-EASEL-TABLE';
const PRICE = '49.00';

const openShop = async (engine: DatabaseEngine) => {
  const { url } = await engine.open();
  // The reconciler does at once what webhooks would bring: the provider of a test knows no port to send them to.
  const { db, app } = await openDemo(url, {
    PAYMENT_RECONCILE_INTERVAL_MS: '20',
    PAYMENT_CHECK_AFTER_MS: '20',
  });
  const { request } = await startApp(app);
  const post = (path: string, as: Headers, json: object = {}) =>
    request('POST', path, { headers: { ...as, 'Idempotency-Key': crypto.randomUUID() }, json });
  const get = async (path: string, as: Headers = alice) => (await request('GET', path, { headers: as })).body;
  const order = async (): Promise<string> => {
    await request('POST', '/carts/me/items', { headers: alice, json: { sku: SKU, quantity: 1 } });
    return withId.parse((await post('/checkout', alice)).body).id;
  };
  const pay = async (orderId: string, paymentMethod = 'pm_card_visa') => {
    const { id } = withId.parse((await post('/payments', alice, { order_id: orderId })).body);
    return { id, ...(await post(`/payments/${id}/confirm`, alice, { payment_method: paymentMethod })) };
  };
  const moveTo = (id: string, to: string) => post(`/orders/${id}/transitions`, operator, { to });
  const settled = async () => {
    expect(await get('/payments/ledger/verify', operator)).toMatchObject({ ok: true, unmatched: [] });
    expect((await checkStock(db)).faults).toEqual([]);
  };
  return { db, request, post, get, order, pay, moveTo, settled };
};

eachDatabase((engine) => {
  test('an order is paid, and goes its way to the shopper', async () => {
    const { get, order, pay, moveTo, settled } = await openShop(engine);
    const before = z.object({ on_hand: z.int() }).parse(await get(`/stock/${SKU}`)).on_hand;
    const id = await order();
    expect(await pay(id)).toMatchObject({ status: 200, body: { status: 'succeeded', captured: PRICE } });
    expect(await get(`/orders/${id}`)).toMatchObject({ status: 'payment_confirmed' });
    expect(await get(`/stock/${SKU}`)).toMatchObject({ on_hand: before - 1, reserved: 0 });
    for (const to of ['processing', 'shipped', 'delivered']) expect((await moveTo(id, to)).status).toBe(200);
    await settled();
  });

  test('only the shopper pays, once, and what the order costs', async () => {
    const { post, order, pay } = await openShop(engine);
    const id = await order();
    expect((await post('/payments', bob, { order_id: id })).body).toMatchObject({ code: 'order_not_found' });
    expect((await post('/payments', alice, { order_id: id, amount: usd('0.01') })).status).toBe(400);
    expect(await pay(id, 'pm_card_visa_chargeDeclined')).toMatchObject({ status: 402 });
    expect((await post('/payments', alice, { order_id: id })).body).toMatchObject({ code: 'payment_exists' });
    const next = await order();
    await pay(next);
    expect((await post('/payments', alice, { order_id: next })).body).toMatchObject({
      code: 'payment_exists',
    });
    const cancelled = await order();
    await post(`/orders/${cancelled}/cancel`, alice);
    expect((await post('/payments', alice, { order_id: cancelled })).body).toMatchObject({
      ...{ status: 409, code: 'illegal_transition', from: 'cancelled' },
    });
  });

  test('a paid order that is cancelled gives the goods and the money back', async () => {
    const { get, post, order, pay, settled } = await openShop(engine);
    const stock = await get(`/stock/${SKU}`);
    const id = await order();
    const { id: paymentId } = await pay(id);
    expect((await post(`/orders/${id}/cancel`, alice)).body).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => get(`/payments/${paymentId}`)).toMatchObject({ refunded: PRICE });
    const { on_hand, reserved } = z.object({ on_hand: z.int(), reserved: z.int() }).parse(stock);
    expect(await get(`/stock/${SKU}`)).toMatchObject({ on_hand, reserved });
    await settled();
    expect(await get(`/orders/${id}`)).toMatchObject({ status: 'cancelled' });
  });

  test('money that comes after a cancellation goes back', async () => {
    const { get, post, order, settled } = await openShop(engine);
    const id = await order();
    const { id: paymentId } = withId.parse((await post('/payments', alice, { order_id: id })).body);
    expect((await post(`/orders/${id}/cancel`, alice)).status).toBe(200);
    await post(`/payments/${paymentId}/confirm`, alice, { payment_method: 'pm_card_visa' });
    await expect
      .poll(() => get(`/payments/${paymentId}`))
      .toMatchObject({ captured: PRICE, refunded: PRICE });
    expect(await get(`/orders/${id}`)).toMatchObject({ status: 'cancelled' });
    await settled();
  });

  test('money for an order that staff had confirmed meanwhile goes back, and the order stays confirmed', async () => {
    const { db, get, post, order, moveTo, settled } = await openShop(engine);
    const id = await order();
    const { id: paymentId } = withId.parse((await post('/payments', alice, { order_id: id })).body);
    expect((await moveTo(id, 'payment_confirmed')).status).toBe(200);
    await post(`/payments/${paymentId}/confirm`, alice, { payment_method: 'pm_card_visa' });
    const refunds = () => db.selectFrom('payment_refunds').select('status').execute();
    await expect.poll(refunds).toEqual([{ status: 'succeeded' }]);
    expect(await get(`/payments/${paymentId}`)).toMatchObject({ captured: PRICE, refunded: PRICE });
    expect(await get(`/orders/${id}`)).toMatchObject({ status: 'payment_confirmed' });
    await settled();
  });

  test('an order whose whole payment is refunded, in parts, is refunded', async () => {
    const { get, post, order, pay, settled } = await openShop(engine);
    const id = await order();
    const { id: paymentId } = await pay(id);
    const refund = (json: object) => post(`/payments/${paymentId}/refunds`, operator, json);
    expect((await refund({ amount: usd('9.00') })).status).toBe(201);
    await expect.poll(() => get(`/orders/${id}`)).toMatchObject({ status: 'payment_confirmed' });
    expect((await refund({})).body).toMatchObject({ amount: usd('40.00') });
    await expect.poll(() => get(`/orders/${id}`)).toMatchObject({ status: 'refunded' });
    expect((await refund({ amount: usd('0.01') })).body).toMatchObject({ code: 'refund_exceeds_captured' });
    await settled();
  });

  test('an operator who marks an order as refunded sends the money back', async () => {
    const { get, order, pay, moveTo, settled } = await openShop(engine);
    const id = await order();
    const { id: paymentId } = await pay(id);
    expect((await moveTo(id, 'refunded')).status).toBe(200);
    await expect.poll(() => get(`/payments/${paymentId}`)).toMatchObject({ refunded: PRICE });
    await settled();
  });
});
