import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the router works in an Express app of its own, under a prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  const request = await startExpress(app);
  const stored = await request('PUT', '/shop/cache-metrics/first', { json: { content: 'Water the plants' } });
  expect(stored).toMatchObject({ status: 200, body: { id: 'first' } });

  const refused = await request('PUT', '/shop/cache-metrics/first', { json: { content: 7 } });
  expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(refused.body).toMatchObject({
    type: 'https://shop.example/problems/invalid_request',
    instance: '/shop/cache-metrics/first',
    errors: [{ pointer: '#/content' }],
  });
  expect((await request('GET', '/')).text).toBe('My shop');
});
