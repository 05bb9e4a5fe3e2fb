import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

test('the routers work in a plain Express app, under a prefix', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:');
  onTestFinished(() => db.destroy());
  const request = await startExpress(app);
  const json = { email: 'ada@example.com', password: 'the analytical engine weaves' };
  expect((await request('POST', '/shop/accounts', { json })).status).toBe(202);
  const mails = await request('GET', '/shop/dev/mails?to=ada@example.com');
  const [, token] = /"token":"([^"]+)"/.exec(mails.text) ?? [];
  expect(await request('POST', '/shop/accounts/verify', { json: { token } })).toMatchObject({ status: 200 });
  const session = await request('POST', '/shop/sessions', { json });
  const [, access] = /"access_token":"([^"]+)"/.exec(session.text) ?? [];
  const headers = { Authorization: `Bearer ${access}` };
  expect(await request('GET', '/shop/accounts/me', { headers })).toMatchObject({
    body: { email: json.email },
  });

  const refused = await request('POST', '/shop/sessions', { json: { email: 7 } });
  expect(refused.body).toMatchObject({
    type: 'https://shop.example/problems/invalid_request',
    instance: '/shop/sessions',
  });
  expect((await request('GET', '/')).text).toBe('My shop');
});
