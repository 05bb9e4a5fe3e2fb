import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';
import { openProvider } from './payments-app.ts';

test('the routers work in a plain Express app, and the location of a payment has the prefix', async () => {
  const small = await openProvider();
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const request = await startExpress(await createOwnApp('sqlite::memory:', small.url, resources));
  const headers = (key: string) => ({ Authorization: 'Bearer alice', 'Idempotency-Key': key });
  const json = { reference: 'a', amount: { amount: '5.00', currency: 'USD' } };
  const made = await request('POST', '/shop/payments', { headers: headers('a'), json });
  expect(made.status).toBe(201);
  const location = made.headers.get('location') ?? '';
  expect(location).toMatch(/^\/shop\/payments\//);
  const confirm = { headers: headers('b'), json: { payment_method: 'pm_card_visa' } };
  const paid = await request('POST', `${location}/confirm`, confirm);
  expect(paid.body).toMatchObject({ status: 'succeeded' });
  expect(
    (await request('POST', `${location}/confirm`, { ...confirm, headers: headers('c') })).body,
  ).toMatchObject({
    instance: `${location}/confirm`,
    code: 'payment_succeeded',
  });
  expect((await request('GET', '/')).text).toBe('My shop');
});
