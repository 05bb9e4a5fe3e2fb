import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';
import { createProductStore, sampleCategories } from '../src/index.ts';
import { productNumber } from './sample-shop.ts';

test('the routers work in a plain Express app, and the link to the next page has the prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  const products = createProductStore(db);
  await products.addCategories(sampleCategories);
  await products.addMissing([productNumber(1), productNumber(2), productNumber(3)]);

  const request = await startExpress(app);
  const first = await request('GET', '/shop/products?limit=2');
  const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
  expect(next).toMatch(/^\/shop\/products\?/);
  expect((await request('GET', next)).body).toMatchObject({ items: [{}], next_cursor: null });

  const refused = await request('GET', '/shop/products?limit=0');
  expect(refused.body).toMatchObject({ instance: '/shop/products', errors: [{ parameter: 'limit' }] });
  expect((await request('GET', '/')).text).toBe('My shop');
});
