import { loadSettings } from '@lab/shared/config';
import { createLogger, createMetrics } from '@lab/shared/observability';
import {
  type DatabaseEngine,
  eachDatabase,
  fuzzContracts,
  parsePrometheus,
  startApp,
} from '@lab/shared/testing';
import { expect, test } from 'vitest';
import { combinedDemoSettings, createDemoApp, openDemoDatabase } from '../src/index.ts';

const openApp = async (url: string) => {
  const { values: settings } = loadSettings(combinedDemoSettings, { env: { APP_ENV: 'test' } });
  const db = await openDemoDatabase(url, {});
  const logger = createLogger({ service: 'combined-demo', level: 'silent' });
  return { db, app: createDemoApp({ settings, db, logger, registry: createMetrics() }) };
};

const openOn = async (engine: DatabaseEngine) => {
  const { url } = await engine.open();
  return openApp(url);
};

eachDatabase((engine) => {
  test('serves every slice on one app, one registry and one database', async () => {
    const { db, app } = await openOn(engine);
    const { request } = await startApp(app);
    const headers = { Authorization: 'Bearer demo-alice' };
    const json = { sku: 'ICE-VANILLA-500', quantity: 2 };
    expect((await request('POST', '/echo', { json: { message: 'hi' } })).status).toBe(200);
    expect((await request('POST', '/carts/me/items', { headers, json })).status).toBe(201);
    expect((await request('GET', '/health')).body).toMatchObject({ checks: { database: { status: 'ok' } } });
    const metrics = parsePrometheus((await request('GET', '/metrics')).text);
    const counted = { method: 'POST', route: '/carts/me/items', status: '201' };
    expect(metrics.value('http_requests_total', counted)).toBe(1);
    expect(metrics.value('echo_validations_total', { schema: 'message', outcome: 'accepted' })).toBe(1);
    await db.destroy();
  });

  test('is not ready once its database is gone, but lives', async () => {
    const { db, app } = await openOn(engine);
    const { request } = await startApp(app);
    await db.destroy();
    expect((await request('GET', '/health')).status).toBe(503);
    expect((await request('GET', '/health/live')).status).toBe(200);
  });
});

test('shows on its front page every route that is plugged in, and how often it was asked', async () => {
  const { app } = await openApp('sqlite::memory:');
  const { request } = await startApp(app);
  await request('GET', '/schemas');
  const { text, headers } = await request('GET', '/');
  expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8');
  for (const { path, unlisted, tag } of app.contracts) {
    if (!unlisted && tag !== 'system') expect(text).toContain(`${path}</code>`);
  }
  expect(text).toMatch(/GET \/schemas<\/code><\/td>\n.*\n<td>1<\/td>/);
});

test('gives each route a name of its own', async () => {
  const { app } = await openApp('sqlite::memory:');
  const names = app.contracts.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

// The slices' own tests fuzz the routes that need data in place.
fuzzContracts(async () => (await openApp('sqlite::memory:')).app, {
  routes: ({ name, path }) =>
    name !== 'setCartItemQuantity' && name !== 'echoBySchema' && !path.startsWith('/docs/'),
  samples: { readSchema: { 'params.name': ['message'] } },
});
