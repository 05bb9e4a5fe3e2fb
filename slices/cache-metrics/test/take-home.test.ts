import { createProductStore, loadSample } from '@lab/catalog-pagination';
import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

const ID = '016f5e66-e800-78b7-86bc-514e28b7addc';

test('the routers work in a plain Express app, under a prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  await loadSample(db, 10);
  const request = await startExpress(app);
  const cacheOf = async (path: string) => (await request('GET', path)).headers.get('x-cache');
  expect([await cacheOf(`/shop/products/${ID}`), await cacheOf(`/shop/products/${ID}`)]).toEqual([
    'MISS',
    'HIT',
  ]);
  const page = await request('GET', '/shop/products?limit=2');
  expect(page.headers.get('link')).toMatch(/^<\/shop\/products\?limit=2&cursor=/);

  const headers = { 'X-Admin-Token': 'change me' };
  const changed = await request('PUT', `/shop/products/${ID}`, { headers, json: { name: 'New' } });
  expect([changed.status, (await createProductStore(db).find(ID))?.name]).toEqual([200, 'New']);
  expect([await cacheOf(`/shop/products/${ID}`), await cacheOf('/shop/products?limit=2')]).toEqual([
    'MISS',
    'MISS',
  ]);
  const refused = await request('PUT', `/shop/products/${ID}`, { headers, json: { name: 7 } });
  expect(refused.body).toMatchObject({ instance: `/shop/products/${ID}`, errors: [{ pointer: '#/name' }] });
  expect((await request('GET', '/')).text).toBe('My shop');
});
