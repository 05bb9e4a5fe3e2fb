import { randomUUIDv7 } from 'node:crypto';
import { type DatabaseOptions, migrate, transact } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { parseMoney } from '@lab/shared/money';
import { createTestApp, type DatabaseEngine, eachDatabase, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import {
  type CartTables,
  cartMigrations,
  createCartRouter,
  createCartStore,
  createFixedPriceList,
  type ListedPrice,
  type PriceList,
} from '../src/index.ts';

const callers = createCallers({
  authTokens: new Map([['demo-alice', 1]]),
  adminToken: 'unused-here',
  trustUserHeader: true,
});

const openCarts = async (engine: DatabaseEngine, options?: DatabaseOptions) => {
  const { db } = await engine.open<CartTables>(options);
  await migrate(db, [cartMigrations]);
  const carts = createCartStore(db, { now: () => new Date('2026-11-20T12:00:00.000Z'), newId: randomUUIDv7 });
  const appWith = (prices: PriceList) => createTestApp([createCartRouter({ carts, prices, callers })]);
  return { db, appWith };
};

const openApp = async (engine: DatabaseEngine, prices = createFixedPriceList()) =>
  (await openCarts(engine)).appWith(prices);

const alice = { 'X-User-Id': '1' };
const bob = { 'X-User-Id': '2' };
const vanilla = { sku: 'ICE-VANILLA-500', quantity: 2 };

interface CartBody {
  readonly version: number;
  readonly items: readonly Readonly<{ id: string; sku: string; quantity: number; unit_price: unknown }>[];
}

const cartOf = ({ body }: { body: unknown }): CartBody => body as CartBody;

const price = (sku: string, currency: string): ListedPrice => ({
  sku,
  name: sku,
  unitPrice: parseMoney({ amount: '1.00', currency }),
});

/** A server whose price list can change, and lists three products in USD at first. */
const openListed = async (engine: DatabaseEngine) => {
  let prices: PriceList;
  const list = (...listed: readonly ListedPrice[]) => {
    prices = createFixedPriceList(listed);
  };
  list(...['KEPT', 'GONE', 'MOVED'].map((sku) => price(sku, 'USD')));
  const { request } = await startApp(
    await openApp(engine, {
      priceOf: (sku) => prices.priceOf(sku),
      pricesOf: (skus) => prices.pricesOf(skus),
      list: () => prices.list(),
    }),
  );
  const add = (sku: string) =>
    request('POST', '/carts/me/items', { headers: alice, json: { sku, quantity: 2 } });
  return { request, list, add };
};

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

  test('adds, adds up, sets and removes, each answer the whole cart at its prices', async () => {
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

  test('refuses a change to another version than the current one, which it names', async () => {
    const { request } = await startApp(await openApp(engine));
    const first = { headers: alice, json: { ...vanilla, expected_version: 0 } };
    expect((await request('POST', '/carts/me/items', first)).status).toBe(201);
    expect((await request('POST', '/carts/me/items', first)).body).toMatchObject({
      status: 409,
      code: 'version_conflict',
      current_version: 1,
    });
  });

  test("another user's item is not found, and stays as it is", async () => {
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
      'a price of its own',
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

  test('a token and a trusted header name one cart; nobody and nonsense get 401 and 400', async () => {
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

  test('asks the price list once for all lines of a cart', async () => {
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

  test('shows a line whose sku has left the price list, or changed its currency, as unavailable', async () => {
    const { request, list, add } = await openListed(engine);
    for (const sku of ['KEPT', 'GONE', 'MOVED']) await add(sku);
    list(price('KEPT', 'USD'), price('MOVED', 'EUR'));
    const nothing = { available: false, unit_price: null, line_total: null, quantity: 2 };
    const one = { amount: '1.00', currency: 'USD' };
    const { status, body } = await request('GET', '/carts/me', { headers: alice });
    expect([status, body]).toMatchObject([
      200,
      {
        items: [
          { sku: 'KEPT', available: true, unit_price: one, line_total: { amount: '2.00' } },
          { sku: 'GONE', name: null, ...nothing },
          { sku: 'MOVED', name: 'MOVED', ...nothing },
        ],
        subtotal: { amount: '2.00', currency: 'USD' },
        item_count: 6,
        version: 3,
      },
    ]);
    expect((await add('GONE')).body).toMatchObject({ status: 404, code: 'unknown_sku' });
    expect((await add('MOVED')).body).toMatchObject({ status: 422, code: 'mixed_currency' });
  });

  test('changes and removes lines, the unavailable ones too, while some are unavailable', async () => {
    const { request, list, add } = await openListed(engine);
    for (const sku of ['KEPT', 'GONE']) await add(sku);
    list(price('KEPT', 'USD'));
    const [kept, gone] = cartOf(await request('GET', '/carts/me', { headers: alice })).items;
    const path = `/carts/me/items/${gone?.id}`;
    const fewer = await request('PATCH', path, { headers: alice, json: { quantity: 1 } });
    expect(fewer).toMatchObject({ status: 200, body: { version: 3, items: [{}, { quantity: 1 }] } });
    const removed = await request('DELETE', `/carts/me/items/${kept?.id}`, { headers: alice });
    const left = {
      items: [{ sku: 'GONE', available: false }],
      subtotal: { amount: '0.00', currency: 'USD' },
    };
    expect(removed).toMatchObject({ status: 200, body: { version: 4, ...left } });
    const empty = await request('DELETE', path, { headers: alice });
    expect(empty).toMatchObject({ status: 200, body: { version: 5, items: [], subtotal: null } });
  });

  test('refuses to quote a line that is shown as unavailable, and names it', async () => {
    const { request } = await openListed(engine);
    const available = { sku: 'KEPT', quantity: 1, unit_price: { amount: '1.00', currency: 'USD' } };
    const json = { items: [available, { sku: 'GONE', quantity: 1, unit_price: null }] };
    expect((await request('POST', '/cart/quote', { json })).body).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [
        { pointer: '#/items/1/unit_price', detail: expect.stringContaining('product is not available') },
      ],
    });
  });

  test('refuses the 101st line, and quotes the hundred that a cart holds', async () => {
    const skus = Array.from({ length: 101 }, (_, index) => `SKU-${index}`);
    const { request, list, add } = await openListed(engine);
    list(...skus.map((sku) => price(sku, 'USD')));
    const statuses = [];
    for (const sku of skus) statuses.push((await add(sku)).status);
    expect(statuses).toEqual([...Array(100).fill(201), 422]);
    expect((await add('SKU-100')).body).toMatchObject({ code: 'cart_full' });
    const { items } = cartOf(await request('GET', '/carts/me', { headers: alice }));
    const lines = items.map(({ sku, quantity, unit_price }) => ({ sku, quantity, unit_price }));
    const quote = (count: number) =>
      request('POST', '/cart/quote', { json: { items: [...lines, ...lines].slice(0, count) } });
    expect(await quote(100)).toMatchObject({ status: 200, body: { item_count: 200 } });
    expect((await quote(101)).status).toBe(400);
  });

  test('answers 503 with Retry-After while others have all of the database, and adds nothing', async () => {
    const busy = { poolSize: 1, connectionTimeoutMs: 50, lockTimeoutMs: 50 };
    const { db, appWith } = await openCarts(engine, busy);
    const { request } = await startApp(appWith(createFixedPriceList()));
    await transact(db, async () => {
      const refused = await request('POST', '/carts/me/items', { headers: alice, json: vanilla });
      expect(refused.body).toMatchObject({ status: 503, code: 'service_unavailable' });
      expect(refused.headers.get('retry-after')).toBe('1');
    });
    expect((await request('GET', '/carts/me', { headers: alice })).body).toMatchObject({ version: 0 });
  });

  test('thirty parallel adds over HTTP lose nothing', async () => {
    const { request } = await startApp(await openApp(engine));
    const adds = Array.from({ length: 30 }, () =>
      request('POST', '/carts/me/items', { headers: alice, json: { ...vanilla, quantity: 1 } }),
    );
    expect((await Promise.all(adds)).map(({ status }) => status)).toEqual(Array(30).fill(201));
    const cart = cartOf(await request('GET', '/carts/me', { headers: alice }));
    expect([cart.version, cart.items[0]?.quantity]).toEqual([30, 30]);
  });
});
