import { eachDatabase } from '@lab/testing';
import { expect, test } from 'vitest';
import { alice, cartOf, openListed, price } from './cart-app.ts';

eachDatabase((engine) => {
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

  test('changes and removes lines, including unavailable ones, while some are unavailable', async () => {
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

  test('refuses to quote an unavailable line, and names it', async () => {
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

  test('refuses the 101st line, and quotes a full cart of 100 lines', async () => {
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
});
