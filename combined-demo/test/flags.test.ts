import { readFileSync } from 'node:fs';
import type { RunningFlags } from '@lab/env-config';
import { tagOf } from '@lab/shared/http';
import { eachDatabase, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { alice, openDemo, operator, startDemo } from './demo-app.ts';

eachDatabase((engine) => {
  test('an operator closes the carts for changes, and opens them again', async () => {
    const { request } = await startDemo(engine);
    const turn = (enabled: boolean) =>
      request('PUT', '/flags/cart_changes', { headers: operator, json: { enabled } });
    const add = () =>
      request('POST', '/carts/me/items', { headers: alice, json: { sku: 'ICE-VANILLA-500', quantity: 1 } });
    await turn(false);
    const refused = await add();
    expect(refused).toMatchObject({ status: 503, body: { code: 'switched_off' } });
    expect(refused.headers.get('Retry-After')).toBe('60');
    expect((await request('GET', '/carts/me', { headers: alice })).body).toMatchObject({ item_count: 0 });
    await turn(true);
    expect((await add()).status).toBe(201);
  });

  test('an operator stops gifts, and nothing is granted', async () => {
    const { request, db } = await startDemo(engine);
    await request('PUT', '/flags/gift_grants', { headers: operator, json: { enabled: false } });
    const headers = { ...operator, 'Idempotency-Key': 'first' };
    const grant = () => request('POST', '/gift', { headers, json: { user_id: '1', sku: 'MOCHI-6' } });
    expect((await grant()).status).toBe(503);
    expect(await db.selectFrom('gifts').selectAll().execute()).toEqual([]);
    await request('PUT', '/flags/gift_grants', { headers: operator, json: { enabled: null } });
    expect((await grant()).status).toBe(201);
  });

  test('shows operators its settings without a secret', async () => {
    const { request } = await startDemo(engine);
    const { body, text } = await request('GET', '/config', { headers: operator });
    expect(body).toMatchObject({
      environment: 'test',
      values: { CURSOR_SECRET: { value: '[redacted]' }, SEED_PRODUCTS: { value: 50, source: 'process' } },
    });
    expect(text).not.toMatch(/dev-admin-token|demo-alice|development-cursor-secret/);
    expect((await request('GET', '/config', { headers: alice })).status).toBe(403);
  });
});

test('flags stay as they are within each request, whatever its route', async () => {
  let kept = 0;
  const around = (flags: RunningFlags): RunningFlags => ({
    ...flags,
    perRequest: (req, res, next) => {
      kept += 1;
      flags.perRequest(req, res, next);
    },
  });
  const { app } = await openDemo('sqlite::memory:', {}, { around });
  const { request } = await startApp(app);
  for (const contract of app.contracts.filter((each) => tagOf(each).name !== 'system')) {
    const { method, path, name } = contract;
    kept = 0;
    await request(method === 'ALL' ? 'POST' : method, path.replaceAll(/[:*]\w+/g, 'x'), { headers: alice });
    expect(kept, name).toBeGreaterThan(0);
  }
});

test('every flag that the demo asks for is in its file', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const asked = [...read('../src/app.ts').matchAll(/onlyWhile\(flags, '(\w+)'\)/g)].map(([, key]) => key);
  expect(asked.length).toBeGreaterThan(0);
  expect(Object.keys(JSON.parse(read('../flags.json')).flags)).toEqual(expect.arrayContaining(asked));
});
