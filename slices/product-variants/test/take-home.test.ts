import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the routers work in an Express app of their own, under a prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  const request = await startExpress(app);
  const found = await request('GET', '/shop/products?attr.recipe=vegan&facets=flavor&limit=1');
  expect(found).toMatchObject({ status: 200, body: { items: [{ sku: 'ICE-MANGO-POP-4' }] } });
  expect(found.headers.get('link')).toContain('</shop/products?');

  const json = { sku: 'TEE', name: 'Tee', category: 'snacks', price: { amount: '9.00', currency: 'USD' } };
  const headers = { 'X-Admin-Token': 'another secret of at least 32 characters' };
  const created = await request('POST', '/shop/products', { headers, json });
  expect(created.status).toBe(201);
  const read = await request('GET', created.headers.get('location') ?? '');
  expect([read.status, read.text]).toEqual([200, created.text]);

  const refused = await request('POST', '/shop/products', { headers, json: { ...json, name: 7 } });
  expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(refused.body).toMatchObject({
    type: 'https://shop.example/problems/invalid_request',
    instance: '/shop/products',
    errors: [{ pointer: '#/name' }],
  });
  expect((await request('GET', '/')).text).toBe('My shop');
});
