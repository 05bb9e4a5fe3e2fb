import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the router works in a plain Express app, and the location of a gift has the prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  const request = await startExpress(app);
  const json = { user_id: '1', sku: 'ICE-VANILLA-500' };
  const headers = { 'Idempotency-Key': 'a-key' };
  const granted = await request('POST', '/shop/gift', { headers, json });
  const repeated = await request('POST', '/shop/gift', { headers, json });
  expect([granted.status, repeated.status, repeated.text]).toEqual([201, 201, granted.text]);
  const location = granted.headers.get('location') ?? '';
  expect(location).toMatch(/^\/shop\/gifts\//);
  expect((await request('GET', location)).text).toBe(granted.text);

  const refused = await request('POST', '/shop/gift', { headers, json: { ...json, sku: 7 } });
  expect(refused.body).toMatchObject({ instance: '/shop/gift', errors: [{ pointer: '#/sku' }] });
  expect((await request('GET', '/')).text).toBe('My shop');
});
