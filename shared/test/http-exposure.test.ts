import { createCallers, createRouter, defineRoute, htmlType, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const frontPage = defineRoute({
  method: 'GET',
  path: '/',
  name: 'readFrontPage',
  summary: 'The front page',
  tag: 'system',
  unlisted: true,
  reveals: 'docs',
  responses: { 200: { description: 'The page', mediaType: htmlType } },
});

const business = defineRoute({
  method: 'GET',
  path: '/business',
  name: 'doBusiness',
  summary: 'Does business',
  tag: 'test',
  responses: { 204: { description: 'Done' } },
});

const router = () =>
  createRouter([
    route(frontPage).handle(() => ({ status: 200, text: '<!doctype html>' })),
    route(business).handle(() => ({ status: 204 })),
  ]);

const callers = createCallers({
  authTokens: new Map([['alice-token', 1]]),
  adminToken: 'the-admin-token',
  trustUserHeader: false,
});

const docs = ['/', '/docs', '/docs/start.js', '/openapi.json'];
const metrics = ['/metrics'];
const always = ['/health', '/health/live', '/problems/not_found', '/business'];
const openApi = z.looseObject({ paths: z.record(z.string(), z.unknown()) });

type Audience = 'everybody' | 'operators' | 'nobody';

const start = (docs: Audience, metrics: Audience) =>
  startApp(createTestApp([router()], { exposure: { docs, metrics, callers } }));

type Server = Awaited<ReturnType<typeof start>>;

const statusesOf = ({ request }: Server, paths: readonly string[], headers: Record<string, string> = {}) =>
  Promise.all(paths.map(async (path) => (await request('GET', path, { headers })).status));

const assetOf = async ({ request }: Server, headers: Record<string, string> = {}): Promise<string> => {
  const { text } = await request('GET', '/docs', { headers });
  return /src="(\/docs\/[^"]+bundle\.js)"/.exec(text)?.[1] ?? expect.unreachable();
};

const admin = { 'X-Admin-Token': 'the-admin-token' };

describe('for operators', () => {
  test('documentation and metrics want X-Admin-Token; what clients need does not', async () => {
    const server = await start('operators', 'operators');
    const guarded = [...docs, ...metrics, await assetOf(server, admin)];
    expect(new Set(await statusesOf(server, guarded))).toEqual(new Set([401]));
    expect(new Set(await statusesOf(server, guarded, admin))).toEqual(new Set([200]));
    expect(new Set(await statusesOf(server, guarded, { 'X-Admin-Token': 'another' }))).toEqual(
      new Set([401]),
    );
    expect(new Set(await statusesOf(server, guarded, { Authorization: 'Bearer alice-token' }))).toEqual(
      new Set([403]),
    );
    expect(await statusesOf(server, always)).toEqual([200, 200, 200, 204]);
  });

  test('the OpenAPI document says so, and the problems are explained', async () => {
    const { request } = await start('operators', 'operators');
    const { body } = await request('GET', '/openapi.json', { headers: admin });
    const { paths } = openApi.parse(body);
    for (const path of ['/metrics', '/openapi.json']) {
      expect(paths[path]).toMatchObject({ get: { security: [{ operatorToken: [] }] } });
      expect(paths[path]).toHaveProperty(['get', 'responses', '401']);
    }
    expect(paths['/health']).toMatchObject({ get: { security: [] } });
    expect((await request('GET', '/problems/missing_credentials')).status).toBe(200);
  });

  test('one without the other', async () => {
    const server = await start('everybody', 'operators');
    expect(await statusesOf(server, [...docs, ...metrics])).toEqual([200, 200, 200, 200, 401]);
  });
});

test('the page of a problem links to the documentation only where everybody has it', async () => {
  const page = async (audience: Audience) =>
    (await (await start(audience, 'nobody')).request('GET', '/problems/not_found')).text;
  expect(await page('everybody')).toContain('href="/docs"');
  expect(await page('operators')).not.toContain('href="/docs"');
});

test('for nobody they are unknown paths, with every method, and the document does not name them', async () => {
  const server = await start('nobody', 'nobody');
  expect(new Set(await statusesOf(server, [...docs, ...metrics], admin))).toEqual(new Set([404]));
  expect((await server.request('OPTIONS', '/metrics')).status).toBe(404);
  expect((await server.request('POST', '/docs')).status).toBe(404);
  expect(await statusesOf(server, always)).toEqual([200, 200, 200, 204]);
});

test('unless it is said otherwise everybody sees them', async () => {
  const server = await startApp(createTestApp([router()]));
  expect(new Set(await statusesOf(server, [...docs, ...metrics]))).toEqual(new Set([200]));
});
