import { tagOf } from '@lab/shared/http';
import { eachDatabase, fuzzContracts, parsePrometheus, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { shopProducts } from '../src/stock.ts';
import { alice, openDemo, operator, startDemo } from './demo-app.ts';

const MEMORY = 'sqlite::memory:';

eachDatabase((engine) => {
  test('serves every slice on one app, one registry and one database', async () => {
    const { request } = await startDemo(engine);
    const line = { sku: 'ICE-VANILLA-500', quantity: 2 };
    const gift = { user_id: '1', sku: 'MOCHI-6', idempotency_key: 'first' };
    const statuses = [
      await request('POST', '/echo', { json: { message: 'hi' } }),
      await request('POST', '/carts/me/items', { headers: alice, json: line }),
      await request('GET', '/products'),
      await request('POST', '/gift', { headers: operator, json: gift }),
      await request('GET', '/gifts', { headers: alice }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 201, 200, 201, 200]);
    expect((await request('GET', '/health')).body).toMatchObject({ checks: { database: { status: 'ok' } } });
    const metrics = parsePrometheus((await request('GET', '/metrics')).text);
    for (const [method, route, status] of [
      ['POST', '/carts/me/items', '201'],
      ['GET', '/products', '200'],
      ['POST', '/gift', '201'],
      ['GET', '/gifts', '200'],
    ] as const) {
      expect(metrics.value('http_requests_total', { method, route, status })).toBe(1);
    }
    expect(metrics.value('echo_validations_total', { schema: 'message', outcome: 'accepted' })).toBe(1);
  });

  test('is live but not ready when its database is gone', async () => {
    const { db, request } = await startDemo(engine);
    await db.destroy();
    expect((await request('GET', '/health')).status).toBe(503);
    expect((await request('GET', '/health/live')).status).toBe(200);
  });
});

test('shows on its front page each slice once, all routes, health and the demo tokens', async () => {
  const { app } = await openDemo(MEMORY);
  const { request } = await startApp(app);
  await request('GET', '/schemas');
  const { text, headers } = await request('GET', '/');
  expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8');
  const headings = [...text.matchAll(/<h2><a [^>]*>([^<]+)</g)].map(([, heading]) => heading);
  expect(headings).toEqual([
    'echo-gateway',
    'product-variants',
    'cache-metrics',
    'inventory-reservation',
    'cart-pricing',
    'order-checkout',
    'payment-intents',
    'gift-grant',
    'gift-history',
    'env-config',
    'promo-rate-limit',
    'accounts',
    'reliability-audit',
  ]);
  const listed = app.contracts.filter((each) => headings.includes(tagOf(each).name));
  for (const { path } of listed) expect(text).toContain(`${path}</code>`);
  expect(text).toMatch(/GET \/schemas<\/code><\/a><\/h3>\n.*1 request so far/);
  expect(text).toMatch(/Health: <strong>ok<\/strong>.*database ok/);
  for (const token of ['demo-alice', 'demo-bob', 'dev-admin-token']) expect(text).toContain(token);
});

test('links from its front page only to pages that need no caller', async () => {
  const { app } = await openDemo(MEMORY);
  const { request } = await startApp(app);
  const { text } = await request('GET', '/');
  const links = [...text.matchAll(/href="(\/[^"]*)"/g)].map(([, href = '']) => href);
  expect(links).toContain('/products');
  for (const link of links) expect((await request('GET', link)).status, link).toBe(200);
});

test('gives each route a unique name', async () => {
  const { app } = await openDemo(MEMORY);
  const names = app.contracts.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

// The tests of the slices send more, and also cover routes that need more data.
const unlimitedAttempts = { PROMO_BUCKET_CAPACITY: '1000000', PROMO_REFILL_PER_SECOND: '1000000' };

fuzzContracts(async () => (await openDemo(MEMORY, { SEED_GIFTS: 'on', ...unlimitedAttempts })).app, {
  routes: (contract) =>
    !['setCartItemQuantity', 'echoBySchema', 'moveOrder', 'cancelOrder'].includes(contract.name) &&
    !['accounts', 'payment-intents'].includes(tagOf(contract).name) &&
    !contract.path.startsWith('/docs/'),
  samples: {
    readPortalScript: { 'params.folder': ['portal'], 'params.file': ['app.js', 'unknown.js'] },
    readSchema: { 'params.name': ['message'] },
    readStock: { 'params.sku': [shopProducts[0]?.sku] },
    readStockLedger: { 'params.sku': [shopProducts[0]?.sku] },
    adjustStock: { 'params.sku': [shopProducts[0]?.sku], 'body.delta': [1, 5] },
    reserveStock: { 'body.lines.*.sku': [shopProducts[0]?.sku] },
    listProducts: { 'query.cursor': [], 'query.currency': ['USD', 'EUR', 'JPY'] },
    readProduct: { 'params.id': [shopProducts[0]?.id, 'unknown'] },
    grantGift: { 'body.idempotency_key': [] },
    readGift: { 'params.id': ['019a0000-0000-7000-8000-000000000300', 'unknown'] },
    listGifts: { 'query.cursor': [] },
    readFlag: { 'params.key': ['welcome_offer', 'unknown'] },
    changeFlag: { 'params.key': ['welcome_offer'], 'body.variant': ['on', 'off', null] },
    callUpstream: { 'params.path': ['flaky/1', 'nowhere'] },
    applyPromo: {
      'body.code': ['WELCOME10', 'SAVE5', 'SPRING'],
      'body.cart_total': [{ amount: '40.00', currency: 'USD' }],
    },
  },
  requestsPerRoute: 100,
  leastValidShare: 0.4,
});
