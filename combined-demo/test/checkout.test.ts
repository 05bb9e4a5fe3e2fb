import { checkStock } from '@lab/inventory-reservation';
import { type DatabaseEngine, eachDatabase, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { alice, bob, openDemo, operator } from './demo-app.ts';

const withId = z.looseObject({ id: z.string() });
const promos = z.object({ items: z.array(z.object({ code: z.string(), redeemed: z.int() })) });
const entries = z.object({ items: z.array(z.object({ action: z.string(), outcome: z.string() })) });
const usd = (amount: string) => ({ amount, currency: 'USD' });

const openShop = async (engine: DatabaseEngine) => {
  const { url } = await engine.open();
  const { db, app } = await openDemo(url, { PROMO_BUCKET_CAPACITY: '3' });
  const { request } = await startApp(app);
  const fill = async (as: Record<string, string>, items: Readonly<Record<string, number>>) => {
    for (const [sku, quantity] of Object.entries(items))
      await request('POST', '/carts/me/items', { headers: as, json: { sku, quantity } });
  };
  const post = (path: string, as: Record<string, string>, json: object = {}) =>
    request('POST', path, { headers: { ...as, 'Idempotency-Key': crypto.randomUUID() }, json });
  const get = async (path: string, as: Record<string, string> = alice) =>
    (await request('GET', path, { headers: as })).body;
  const redeemed = async (code: string) =>
    promos.parse(await get('/promo/codes', operator)).items.find((one) => one.code === code)?.redeemed;
  const faults = async () => (await checkStock(db)).faults;
  return { db, request, fill, post, get, redeemed, faults };
};

eachDatabase((engine) => {
  test('an order has the promo, the gift, the stock and the address, and a cancellation gives back', async () => {
    const { fill, post, get, redeemed, faults } = await openShop(engine);
    const home = {
      ...{ name: 'Alice', line1: '1 Road', postal_code: 'SW1', city: 'London', country: 'GB' },
    };
    const { id: address_id } = withId.parse((await post('/accounts/me/addresses', alice, home)).body);
    await fill(alice, { 'ART-EASEL-TABLE': 1, 'ICE-CONE-12': 1 });
    const json = { promo_code: 'WELCOME10', address_id, expected_total: usd('47.83') };
    const { status, body } = await post('/checkout', alice, json);
    expect(body).toMatchObject({
      subtotal: usd('53.15'),
      discount: usd('5.32'),
      total: usd('47.83'),
      promo_code: 'WELCOME10',
      gift: { sku: 'SNACK-SEAWEED-30' },
      shipping_address: home,
      status: 'pending',
    });
    expect(status).toBe(201);
    const { id } = withId.parse(body);
    expect(await redeemed('WELCOME10')).toBe(1);
    expect(await get('/gifts')).toMatchObject({ items: [{ sku: 'SNACK-SEAWEED-30', user_id: '1' }] });
    expect(await get('/stock/ART-EASEL-TABLE')).toMatchObject({ reserved: 1 });
    expect((await post(`/orders/${id}/cancel`, bob)).status).toBe(404);
    expect((await post(`/orders/${id}/cancel`, alice)).body).toMatchObject({ status: 'cancelled' });
    expect(await redeemed('WELCOME10')).toBe(0);
    expect(await get('/gifts')).toMatchObject({ items: [] });
    expect(await get('/stock/ART-EASEL-TABLE')).toMatchObject({ reserved: 0 });
    const audited = entries.parse(await get('/audit?actor=shopper:1', operator)).items;
    expect(audited.map(({ action }) => action)).toEqual(expect.arrayContaining(['checkOut', 'cancelOrder']));
    expect(await faults()).toEqual([]);
  });

  test('a refused code or a lack of goods leaves everything as it was, and guesses are limited', async () => {
    const { db, fill, post, redeemed } = await openShop(engine);
    await fill(alice, { 'ART-EASEL-TABLE': 500 });
    const short = await post('/checkout', alice, { promo_code: 'WELCOME10' });
    expect(short.body).toMatchObject({ status: 409, code: 'insufficient_stock' });
    expect(await redeemed('WELCOME10')).toBe(0);
    const guess = async () =>
      z.object({ code: z.string() }).parse((await post('/checkout', alice, { promo_code: 'GUESS' })).body)
        .code;
    expect([await guess(), await guess(), await guess()]).toEqual([
      'unknown_promo',
      'unknown_promo',
      'rate_limited',
    ]);
    // Without a code nobody guesses.
    expect((await post('/checkout', alice)).body).toMatchObject({ code: 'insufficient_stock' });
    for (const table of ['orders', 'gifts', 'reservations', 'promo_redemptions'] as const)
      expect(await db.selectFrom(table).selectAll().execute(), table).toEqual([]);
  });

  test('without the flag, or below the threshold, there is no gift', async () => {
    const { request, fill, post } = await openShop(engine);
    await fill(alice, { 'ART-EASEL-TABLE': 1 });
    expect((await post('/checkout', alice)).body).not.toHaveProperty('gift');
    const off = { headers: operator, json: { variant: 'off' } };
    expect((await request('PUT', '/flags/free_gift_on_checkout', off)).status).toBe(200);
    await fill(alice, { 'ART-EASEL-TABLE': 2 });
    expect((await post('/checkout', alice)).body).not.toHaveProperty('gift');
  });
});
