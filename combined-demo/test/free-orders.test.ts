import { checkStock } from '@lab/inventory-reservation';
import { startSmallProvider } from '@lab/payment-intents';
import { type DatabaseEngine, eachDatabase, startApp } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { alice, openDemo, operator } from './demo-app.ts';

type Headers = Readonly<Record<string, string>>;

const withId = z.looseObject({ id: z.string() });
const shelf = z.object({ on_hand: z.int(), reserved: z.int() });
const SKU = 'ART-EASEL-TABLE';
const CODE = 'ON-THE-HOUSE';

/** The shop with a promo code of 100 %, and all that its provider is asked. */
const openShop = async (engine: DatabaseEngine) => {
  const requests: string[] = [];
  const provider = await startSmallProvider({
    databaseUrl: 'sqlite::memory:',
    webhookSecret: 'whsec_of_the_test',
    onRequest: (line) => requests.push(line),
  });
  onTestFinished(provider.close);
  const { url } = await engine.open();
  const { db, app } = await openDemo(url, { PAYMENT_PROVIDER_URL: provider.url });
  await db
    .insertInto('promo_codes')
    .values({
      ...{ code: CODE, kind: 'percent', basis_points: 10_000, amount_minor: null, currency: null },
      ...{ minimum_minor: null, starts_at: null, ends_at: null, redeemed: 0 },
      ...{ max_redemptions: 1, max_per_user: null },
    })
    .execute();
  const { request } = await startApp(app);
  const post = (
    path: string,
    json: object = {},
    { as = alice, key = crypto.randomUUID() }: { as?: Headers; key?: string } = {},
  ) => request('POST', path, { headers: { ...as, 'Idempotency-Key': key }, json });
  const get = async (path: string, as: Headers = alice) => (await request('GET', path, { headers: as })).body;
  const order = async (): Promise<string> => {
    await request('POST', '/carts/me/items', { headers: alice, json: { sku: SKU, quantity: 1 } });
    const { body } = await post('/checkout', { promo_code: CODE });
    expect(body).toMatchObject({ total: { amount: '0.00' }, status: 'pending' });
    return withId.parse(body).id;
  };
  const stock = async () => shelf.parse(await get(`/stock/${SKU}`));
  const settled = async () => {
    expect(await get('/payments/ledger/verify', operator)).toMatchObject({ ok: true, entries: 0 });
    expect((await checkStock(db)).faults).toEqual([]);
    expect(requests.filter((line) => line !== 'GET /v1/payment_intents')).toEqual([]);
  };
  return { db, post, get, order, stock, settled };
};

eachDatabase((engine) => {
  test('an order of 0.00 is paid by the payment itself, and its goods are sold', async () => {
    const { post, get, order, stock, settled } = await openShop(engine);
    const before = await stock();
    const order_id = await order();
    const key = crypto.randomUUID();
    const first = await post('/payments', { order_id }, { key });
    expect([first.status, first.body]).toMatchObject([
      201,
      { order_id, status: 'succeeded', amount: '0.00', captured: '0.00', provider_ref: null },
    ]);
    expect(await get(`/orders/${order_id}`)).toMatchObject({ status: 'payment_confirmed' });
    expect(await stock()).toEqual({ ...before, on_hand: before.on_hand - 1 });
    expect((await post('/payments', { order_id }, { key })).text).toBe(first.text);
    expect((await post('/payments', { order_id })).body).toMatchObject({ code: 'payment_exists' });
    const { id } = withId.parse(first.body);
    const confirmed = await post(`/payments/${id}/confirm`, { payment_method: 'pm_card_visa' });
    expect(confirmed.body).toMatchObject({ status: 409, code: 'payment_succeeded' });
    const refused = await post(`/payments/${id}/refunds`, {}, { as: operator });
    expect(refused.body).toMatchObject({ status: 409, code: 'refund_exceeds_captured' });
    await settled();
  });

  test('its cancellation gives goods and code back, and starts no refund', async () => {
    const { db, post, get, order, stock, settled } = await openShop(engine);
    const before = await stock();
    const order_id = await order();
    await post('/payments', { order_id });
    expect((await post(`/orders/${order_id}/cancel`)).body).toMatchObject({ status: 'cancelled' });
    expect(await stock()).toEqual(before);
    expect(await db.selectFrom('payment_refunds').selectAll().execute()).toEqual([]);
    // The code can be redeemed once in all.
    const next = await order();
    await post('/payments', { order_id: next });
    expect(await get(`/orders/${next}`)).toMatchObject({ status: 'payment_confirmed' });
    await settled();
  });

  test('payments that come together, with a cancellation among them, leave one whole state', async () => {
    const { post, get, order, stock, settled } = await openShop(engine);
    const before = await stock();
    const order_id = await order();
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => post('/payments', { order_id })),
      post(`/orders/${order_id}/cancel`),
      ...Array.from({ length: 4 }, () => post('/payments', { order_id })),
    ]);
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => ![200, 201, 409].includes(status))).toEqual([]);
    expect(await get(`/orders/${order_id}`)).toMatchObject({ status: 'cancelled' });
    expect(await stock()).toEqual(before);
    await settled();
  });

  test('an order whose goods are gone has a canceled payment, and has expired', async () => {
    const { post, get, order, settled } = await openShop(engine);
    const order_id = await order();
    const { reservation_id: held } = z
      .object({ reservation_id: z.string() })
      .parse(await get(`/orders/${order_id}`));
    expect((await post(`/reservations/${held}/release`, {}, { as: operator })).status).toBe(200);
    expect((await post('/payments', { order_id })).body).toMatchObject({ status: 'canceled' });
    expect(await get(`/orders/${order_id}`)).toMatchObject({ status: 'expired' });
    expect((await post('/payments', { order_id })).body).toMatchObject({
      ...{ code: 'illegal_transition', from: 'expired' },
    });
    await settled();
  });
});
