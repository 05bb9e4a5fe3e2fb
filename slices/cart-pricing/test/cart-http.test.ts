import { transact } from '@lab/shared/database';
import { eachDatabase, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { createFixedPriceList } from '../src/index.ts';
import { alice, bob, cartOf, openApp, openCarts } from './cart-app.ts';

const vanilla = { sku: 'ICE-VANILLA-500', quantity: 2 };

eachDatabase((engine) => {
  test('a new user has an empty cart at version 0, and reading it changes nothing', async () => {
    const { request } = await startApp(await openApp(engine));
    const empty = {
      user_id: 1,
      version: 0,
      currency: null,
      items: [],
      subtotal: null,
      item_count: 0,
      updated_at: null,
    };
    for (let reads = 0; reads < 2; reads += 1) {
      expect((await request('GET', '/carts/me', { headers: alice })).body).toEqual(empty);
    }
  });

  test('adds an item twice, sets its quantity and removes it, each time answering the whole priced cart', async () => {
    const { request } = await startApp(await openApp(engine));
    await request('POST', '/carts/me/items', { headers: alice, json: vanilla });
    const added = await request('POST', '/carts/me/items', { headers: alice, json: vanilla });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      version: 2,
      currency: 'USD',
      items: [{ ...vanilla, quantity: 4, line_total: { amount: '27.96', currency: 'USD' } }],
      subtotal: { amount: '27.96', currency: 'USD' },
      item_count: 4,
      updated_at: '2026-11-20T12:00:00.000Z',
    });
    const path = `/carts/me/items/${cartOf(added).items[0]?.id}`;
    const set = await request('PATCH', path, { headers: alice, json: { quantity: 1, expected_version: 2 } });
    expect(set.body).toMatchObject({ version: 3, subtotal: { amount: '6.99' } });
    const removed = await request('DELETE', `${path}?expected_version=3`, { headers: alice });
    expect(removed.body).toMatchObject({ version: 4, currency: null, items: [], subtotal: null });
  });

  test('refuses a change to any version but the current one, and names the current one', async () => {
    const { request } = await startApp(await openApp(engine));
    const first = { headers: alice, json: { ...vanilla, expected_version: 0 } };
    expect((await request('POST', '/carts/me/items', first)).status).toBe(201);
    expect((await request('POST', '/carts/me/items', first)).body).toMatchObject({
      status: 409,
      code: 'version_conflict',
      current_version: 1,
    });
  });

  test("another user's item is not found and does not change", async () => {
    const { request } = await startApp(await openApp(engine));
    const added = await request('POST', '/carts/me/items', { headers: alice, json: vanilla });
    const path = `/carts/me/items/${cartOf(added).items[0]?.id}`;
    for (const refused of [
      await request('PATCH', path, { headers: bob, json: { quantity: 9 } }),
      await request('DELETE', path, { headers: bob }),
    ]) {
      expect(refused.body).toMatchObject({ status: 404, code: 'cart_item_not_found' });
    }
    expect((await request('GET', '/carts/me', { headers: alice })).body).toEqual(added.body);
  });

  test.each([
    ['an unknown sku', { sku: 'NOTHING', quantity: 1 }, 404, 'unknown_sku'],
    ['a second currency', { sku: 'EU-NOUGAT-200', quantity: 1 }, 422, 'mixed_currency'],
    ['more than 10,000 after adding up', { ...vanilla, quantity: 9999 }, 422, 'quantity_out_of_range'],
    ['a quantity of 0', { ...vanilla, quantity: 0 }, 400, 'invalid_request'],
    [
      'a price sent by the client',
      { ...vanilla, unit_price: { amount: '0.01', currency: 'USD' } },
      400,
      'invalid_request',
    ],
  ])('refuses %s and keeps the cart', async (_what, json, status, code) => {
    const { request } = await startApp(await openApp(engine));
    const added = await request('POST', '/carts/me/items', { headers: alice, json: vanilla });
    expect((await request('POST', '/carts/me/items', { headers: alice, json })).body).toMatchObject({
      status,
      code,
    });
    expect((await request('GET', '/carts/me', { headers: alice })).body).toEqual(added.body);
  });

  test('a token and a trusted header identify the same cart; no caller gets 401, and an invalid one 400', async () => {
    const { request } = await startApp(await openApp(engine));
    const added = await request('POST', '/carts/me/items', { headers: alice, json: vanilla });
    const byToken = await request('GET', '/carts/me', { headers: { Authorization: 'Bearer demo-alice' } });
    expect(byToken.body).toEqual(added.body);
    expect((await request('GET', '/carts/me')).body).toMatchObject({
      status: 401,
      code: 'missing_credentials',
    });
    expect((await request('GET', '/carts/me', { headers: { 'X-User-Id': '-1' } })).status).toBe(400);
  });

  test('reads the price list once for all lines of a cart', async () => {
    const fixed = createFixedPriceList();
    const asked: (readonly string[])[] = [];
    const pricesOf = (skus: readonly string[]) => {
      asked.push(skus);
      return fixed.pricesOf(skus);
    };
    const { request } = await startApp(await openApp(engine, { ...fixed, pricesOf }));
    const skus = ['ICE-CONE-12', 'ART-INK-BLACK-30', 'SNACK-FUDGE-250'];
    for (const sku of skus) {
      await request('POST', '/carts/me/items', { headers: alice, json: { sku, quantity: 1 } });
    }
    asked.length = 0;
    expect((await request('GET', '/carts/me', { headers: alice })).body).toMatchObject({ item_count: 3 });
    expect(asked.map((each) => each.toSorted())).toEqual([skus.toSorted()]);
  });

  test('answers 503 with Retry-After while another transaction occupies the database, and adds nothing', async () => {
    const busy = { poolSize: 1, connectionTimeoutMs: 500, lockTimeoutMs: 50 };
    const { db, appWith } = await openCarts(engine, busy);
    const { request } = await startApp(appWith(createFixedPriceList()));
    await transact(db, async () => {
      const refused = await request('POST', '/carts/me/items', { headers: alice, json: vanilla });
      expect(refused.body).toMatchObject({ status: 503, code: 'service_unavailable' });
      expect(refused.headers.get('retry-after')).toBe('1');
    });
    expect((await request('GET', '/carts/me', { headers: alice })).body).toMatchObject({ version: 0 });
  });

  test('thirty parallel additions over HTTP lose nothing', async () => {
    const { request } = await startApp(await openApp(engine));
    const adds = Array.from({ length: 30 }, () =>
      request('POST', '/carts/me/items', { headers: alice, json: { ...vanilla, quantity: 1 } }),
    );
    expect((await Promise.all(adds)).map(({ status }) => status)).toEqual(Array(30).fill(201));
    const cart = cartOf(await request('GET', '/carts/me', { headers: alice }));
    expect([cart.version, cart.items[0]?.quantity]).toEqual([30, 30]);
  });
});
