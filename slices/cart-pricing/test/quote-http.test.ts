import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { boundedClientCost, createTestApp, edgeConformance, fuzzContracts, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import {
  type CartTables,
  cartMigrations,
  createCartRouter,
  createCartStore,
  createFixedPriceList,
} from '../src/index.ts';

const openApp = async () => {
  const db = openDatabase<CartTables>('sqlite::memory:');
  await migrate(db, [cartMigrations]);
  let ids = 0;
  const newId = () => `00000000-0000-7000-8000-${String(ids++).padStart(12, '0')}`;
  const carts = createCartStore(db, { now: () => new Date(), newId });
  await carts.add(1, { sku: 'ICE-CONE-12', quantity: 1, currency: 'USD' });
  const callers = createCallers({ authTokens: new Map(), adminToken: 'unused-here', trustUserHeader: true });
  return createTestApp([createCartRouter({ carts, prices: createFixedPriceList(), callers })]);
};

const line = (amount: string, currency = 'USD', quantity = 1) => ({
  sku: 'a',
  quantity,
  unit_price: { amount, currency },
});

describe('POST /cart/quote', () => {
  test('prices a cart', async () => {
    const { request } = await startApp(await openApp());
    const json = {
      items: [line('19.99', 'USD', 2), line('0.02')],
      discount: { percent: '10' },
      tax_rate: '0.0825',
    };
    const { status, body } = await request('POST', '/cart/quote', { json });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      currency: 'USD',
      rounding: { mode: 'half_even', scope: 'line' },
      subtotal: { amount: '40.00' },
      discount: { amount: '4.00' },
      tax: { amount: '2.97' },
      total: { amount: '38.97' },
      item_count: 3,
    });
  });

  test.each([
    [
      'an unknown currency before mixed currencies',
      [line('1', 'USD'), line('1', 'ZZZ')],
      {},
      'unsupported_currency',
      '#/items/1/unit_price/currency',
    ],
    [
      'two currencies before an amount',
      [line('9999999999999'), line('1', 'EUR')],
      {},
      'mixed_currency',
      '#/items/1/unit_price/currency',
    ],
    [
      'an amount that is too large',
      [line('9999999999999')],
      {},
      'amount_out_of_range',
      '#/items/0/unit_price/amount',
    ],
    [
      'a discount that exceeds the subtotal',
      [line('1.00')],
      { discount: { amount: { amount: '1.01', currency: 'USD' } } },
      'discount_exceeds_subtotal',
      '#/discount/amount/amount',
    ],
  ])('refuses %s', async (_what, items, terms, code, pointer) => {
    const { request } = await startApp(await openApp());
    const { body } = await request('POST', '/cart/quote', { json: { items, ...terms } });
    expect(body).toMatchObject({ status: 422, code, errors: [{ pointer }] });
  });

  test('refuses an exponent, a sign and a seventh decimal place in a price', async () => {
    const { request } = await startApp(await openApp());
    const json = { items: [line('1e3'), line('-1'), line('0.0000001')] };
    expect((await request('POST', '/cart/quote', { json })).body).toMatchObject({
      status: 400,
      errors: [0, 1, 2].map((index) => ({ pointer: `#/items/${index}/unit_price/amount` })),
    });
  });
});

test('lists its prices, in USD and in EUR', async () => {
  const { request } = await startApp(await openApp());
  const { body } = await request('GET', '/cart/prices');
  const { items } = body as { items: { unit_price: { currency: string } }[] };
  expect(new Set(items.map(({ unit_price }) => unit_price.currency))).toEqual(new Set(['USD', 'EUR']));
});

edgeConformance(openApp);
boundedClientCost(new URL('../src/server.ts', import.meta.url));

fuzzContracts(openApp, {
  samples: {
    setCartItemQuantity: {
      'params.id': ['00000000-0000-7000-8000-000000000000'],
      'body.expected_version': [],
    },
  },
});
