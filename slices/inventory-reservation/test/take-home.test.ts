import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the routers work in a plain Express app, and the location of a reservation has the prefix', async () => {
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const { app, stock } = await createOwnApp('sqlite::memory:', resources);
  await stock.create([{ sku: 'TEA', quantity: 1 }]);
  const request = await startExpress(app);
  const json = { lines: [{ sku: 'TEA', quantity: 1 }] };
  const held = await request('POST', '/shop/reservations', { headers: { 'Idempotency-Key': 'a' }, json });
  expect(held.status).toBe(201);
  const location = held.headers.get('location') ?? '';
  expect(location).toMatch(/^\/shop\/reservations\//);
  expect((await request('GET', location)).text).toBe(held.text);
  const short = await request('POST', '/shop/reservations', { headers: { 'Idempotency-Key': 'b' }, json });
  expect(short.body).toMatchObject({ instance: '/shop/reservations', code: 'insufficient_stock' });
  expect((await request('GET', '/')).text).toBe('My shop');
});
