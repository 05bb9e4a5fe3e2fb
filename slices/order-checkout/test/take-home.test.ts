import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the routers work in a plain Express app, and the location of an order has the prefix', async () => {
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const { app, stock } = await createOwnApp('sqlite::memory:', resources);
  await stock.create([{ sku: 'ICE-CONE-12', quantity: 1 }]);
  const request = await startExpress(app);
  const shopper = { Authorization: 'Bearer a', 'Idempotency-Key': 'a' };
  await request('POST', '/shop/carts/me/items', {
    headers: shopper,
    json: { sku: 'ICE-CONE-12', quantity: 1 },
  });
  const ordered = await request('POST', '/shop/checkout', { headers: shopper, json: {} });
  expect(ordered.status).toBe(201);
  const location = ordered.headers.get('location') ?? '';
  expect(location).toMatch(/^\/shop\/orders\//);
  expect((await request('GET', location, { headers: shopper })).text).toBe(ordered.text);
  expect((await request('GET', '/')).text).toBe('My shop');
});
