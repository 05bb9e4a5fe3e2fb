import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the router works in a plain Express app, and the link to the next page has the prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  const request = await startExpress(app);
  const first = await request('GET', '/shop/gifts?limit=2');
  const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
  expect(next).toMatch(/^\/shop\/gifts\?/);
  expect(await request('GET', next)).toMatchObject({ status: 200, body: { items: [{}, {}] } });

  const refused = await request('GET', '/shop/gifts?from=noon');
  expect(refused.body).toMatchObject({ instance: '/shop/gifts', errors: [{ parameter: 'from' }] });
  expect((await request('GET', '/')).text).toBe('My shop');
});
