import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the router works in a plain Express app, under a prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  const request = await startExpress(app);
  const headers = { Authorization: 'Bearer token-of-user-7' };
  const added = await request('POST', '/shop/carts/me/items', {
    headers,
    json: { sku: 'ICE-VANILLA-500', quantity: 2 },
  });
  expect(added).toMatchObject({ status: 201, body: { user_id: 7, item_count: 2 } });

  const refused = await request('POST', '/shop/carts/me/items', {
    headers,
    json: { sku: 'ICE-VANILLA-500', quantity: 0 },
  });
  expect(refused.body).toMatchObject({
    instance: '/shop/carts/me/items',
    errors: [{ pointer: '#/quantity' }],
  });
  const stranger = await request('GET', '/shop/carts/me');
  expect(stranger.body).toMatchObject({
    type: 'https://shop.example/problems/missing_credentials',
    status: 401,
  });
  expect(stranger.headers.get('www-authenticate')).toBe('Bearer realm="ecommerce-lab"');
  expect((await request('GET', '/')).text).toBe('My shop');
});
