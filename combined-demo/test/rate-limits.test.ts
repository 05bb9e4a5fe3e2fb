import { createHmac } from 'node:crypto';
import { parsePrometheus, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import { alice, bob, openDemo, operator } from './demo-app.ts';

const twoRequests = { GENERAL_BUCKET_CAPACITY: '2', GENERAL_REFILL_PER_SECOND: '0.001' };

const open = async (env: NodeJS.ProcessEnv = {}, trustProxy?: number) => {
  const { app } = await openDemo('sqlite::memory:', { ...twoRequests, ...env });
  if (trustProxy !== undefined) app.express.set('trust proxy', trustProxy);
  const { request } = await startApp(app);
  const statuses = async (path: string, count: number, headers: Record<string, string> = {}) => {
    const answers: number[] = [];
    for (let sent = 0; sent < count; sent += 1)
      answers.push((await request('GET', path, { headers })).status);
    return answers;
  };
  return { request, statuses };
};

it('limits each caller, and each address on routes that ask for nobody, apart from all others', async () => {
  const { request, statuses } = await open();
  expect(await statuses('/carts/me', 3, alice)).toEqual([200, 200, 429]);
  expect(await statuses('/gifts', 1, alice)).toEqual([429]);
  expect(await statuses('/gifts', 3, bob)).toEqual([200, 200, 429]);
  expect(await statuses('/gifts', 3, operator)).toEqual([200, 200, 429]);
  expect(await statuses('/schemas', 3)).toEqual([200, 200, 429]);
  expect(await statuses('/products', 1)).toEqual([429]);
  const { headers } = await request('GET', '/schemas');
  expect(headers.get('RateLimit-Policy')).toBe('"general";q=2;w=2000');
});

it('never limits health, metrics and documentation', async () => {
  const { request, statuses } = await open();
  await statuses('/schemas', 3);
  for (const path of ['/health', '/health/live', '/metrics', '/openapi.json'])
    expect(await statuses(path, 4)).toEqual([200, 200, 200, 200]);
  const metrics = parsePrometheus((await request('GET', '/metrics')).text);
  const decisions = (decision: string) =>
    metrics.value('rate_limit_decisions_total', { policy: 'general', decision });
  expect([decisions('allowed'), decisions('limited'), decisions('failed_open')]).toEqual([2, 1, 0]);
});

it('takes nothing from anybody for requests without valid credentials', async () => {
  const { statuses } = await open();
  expect(await statuses('/carts/me', 3)).toEqual([401, 401, 401]);
  expect(await statuses('/carts/me', 3, { Authorization: 'Bearer guessed' })).toEqual([401, 401, 401]);
  expect(await statuses('/carts/me', 2, alice)).toEqual([200, 200]);
  expect(await statuses('/schemas', 2)).toEqual([200, 200]);
});

it('believes a forwarded address only from a trusted proxy', async () => {
  const from = (address: string) => ({ 'X-Forwarded-For': address });
  const direct = await open();
  await direct.statuses('/schemas', 2, from('203.0.113.1'));
  expect(await direct.statuses('/schemas', 1, from('203.0.113.2'))).toEqual([429]);

  const proxied = await open({}, 1);
  await proxied.statuses('/schemas', 2, from('203.0.113.1'));
  expect(await proxied.statuses('/schemas', 1, from('203.0.113.1'))).toEqual([429]);
  expect(await proxied.statuses('/schemas', 1, from('203.0.113.2'))).toEqual([200]);
  // One client has a whole network of IPv6 addresses.
  await proxied.statuses('/schemas', 2, from('2001:db8::1'));
  expect(await proxied.statuses('/schemas', 1, from('2001:db8:0:0:ffff::2'))).toEqual([429]);
  expect(await proxied.statuses('/schemas', 1, from('2001:db8:0:1::1'))).toEqual([200]);
});

it('limits attempts to redeem a code besides, and lists both policies', async () => {
  const { request } = await open({ GENERAL_BUCKET_CAPACITY: '100' });
  const json = { code: 'GUESS', cart_id: '1', cart_total: { amount: '1.00', currency: 'USD' } };
  const guess = () => request('POST', '/promo/apply', { headers: alice, json });
  const answers = [await guess(), await guess(), await guess(), await guess(), await guess(), await guess()];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 429]);
  expect(answers[0]?.headers.get('RateLimit-Policy')).toBe('"promo";q=5;w=50, "general";q=100;w=100000');
  const missing = await request('POST', '/promo/apply', { json });
  expect(missing.headers.get('WWW-Authenticate')).toBe('Bearer realm="promo"');
});

it('never refuses a burst of the provider, whose events are still checked', async () => {
  const { request, statuses } = await open({ PAYMENT_WEBHOOK_SECRETS: 'whsec_of_the_test' });
  expect(await statuses('/schemas', 3)).toEqual([200, 200, 429]);
  const send = (text: string, secret = 'whsec_of_the_test') => {
    const time = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
    const headers = { 'Content-Type': 'application/json', 'Stripe-Signature': `t=${time},v1=${signature}` };
    return request('POST', '/webhooks/payments', { headers, text });
  };
  const eventOf = (id: number) => JSON.stringify({ id: `evt_${id}`, type: 'customer.created', created: 1 });
  const burst = await Promise.all(Array.from({ length: 20 }, (_, id) => send(eventOf(id))));
  expect(burst.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect((await send(eventOf(0), 'whsec_guessed')).status).toBe(400);
  expect((await send(JSON.stringify({ id: 'x'.repeat(262_144) }))).status).toBe(413);
  expect(await statuses('/schemas', 1)).toEqual([429]);
});
