import { createCallers } from '@lab/shared/http';
import { startExpress } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnApp } from '../lab/take-home.ts';

const callers = createCallers({
  authTokens: new Map([['token-of-ann', 1]]),
  adminToken: 'a-secret',
  trustUserHeader: false,
});

test('the router and the guard work in a plain Express app', async () => {
  const { app, db } = await createOwnApp('sqlite::memory:', callers);
  onTestFinished(() => db.destroy());
  const request = await startExpress(app);
  const headers = { Authorization: 'Bearer token-of-ann' };
  const json = { code: 'WELCOME10', cart_id: '1', cart_total: { amount: '10.05', currency: 'USD' } };
  const { status, body } = await request('POST', '/shop/promo/apply', { headers, json });
  expect([status, body]).toMatchObject([200, { discount: { amount: '1.00' } }]);

  const searches = [1, 2, 3].map(() => request('GET', '/search'));
  const answers = (await Promise.all(searches)).toSorted((a, b) => a.status - b.status);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
  expect(answers[2]?.body).toMatchObject({ code: 'rate_limited', instance: '/search' });
  expect(answers[2]?.headers.get('RateLimit-Policy')).toBe('"search";q=2;w=2');
});
