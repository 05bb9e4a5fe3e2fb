import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';
import { createFlagFile } from './flags-app.ts';

test('the routers work in an Express app of its own, under a prefix', async () => {
  const onOff = { variants: { on: true, off: false }, variant: 'on', off_variant: 'off' };
  const { file } = createFlagFile({ shop_open: { ...onOff, enabled: false } });
  const { app, resources } = await createOwnApp('sqlite::memory:', file);
  onTestFinished(() => resources.disposeAsync());
  const request = await startExpress(app);
  expect((await request('GET', '/')).text).toBe('My shop opens soon');

  const headers = { 'X-Admin-Token': 'my-operators-token' };
  const refused = await request('PUT', '/shop/flags/shop_open', { headers, json: { enabled: 'yes' } });
  expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(refused.body).toMatchObject({
    type: 'https://shop.example/problems/invalid_request',
    instance: '/shop/flags/shop_open',
    errors: [{ pointer: '#/enabled' }],
  });
  const changed = await request('PUT', '/shop/flags/shop_open', { headers, json: { enabled: true } });
  expect(changed.status).toBe(200);
  expect((await request('GET', '/shop/flags/shop_open')).body).toMatchObject({ value: true });
  expect((await request('GET', '/')).text).toBe('My shop');
});
