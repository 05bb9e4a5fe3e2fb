import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';
import { startFlakyUpstream } from '../src/index.ts';

test('the router works in another Express app, under a prefix', async () => {
  const flaky = await startFlakyUpstream();
  onTestFinished(flaky.close);
  const { app, resources } = await createOwnApp(flaky.url);
  onTestFinished(() => resources.disposeAsync());
  const request = await startExpress(app);
  const called = await request('GET', '/shop/wrapped/flaky/1?fail=1');
  expect([called.status, called.headers.get('x-attempts'), called.body]).toEqual([
    200,
    '2',
    { id: '1', calls: 2 },
  ]);
  expect((await request('GET', '/')).text).toBe('My shop');
  const refused = await request('GET', '/shop/wrapped/..%2fsecret');
  expect([refused.status, refused.body]).toMatchObject([400, { code: 'malformed_url' }]);
});
