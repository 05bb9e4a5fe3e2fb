import {
  createRouter,
  defineProblem,
  defineRoute,
  guard,
  ProblemError,
  requireCaller,
  route,
} from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import type { RequestHandler } from 'express';
import { describe, expect, test } from 'vitest';

const about = { name: 'one', summary: 'One', tag: 'test', path: '/one' } as const;

describe('a router that is wrapped', () => {
  const limited = defineProblem({ code: 'limited', status: 429, title: 'Too many', explanation: 'Wait.' });
  const contract = (name: string) =>
    defineRoute({
      ...about,
      method: 'GET',
      path: `/${name}`,
      name,
      responses: { 204: { description: 'Nothing' } },
    });
  const routerOf = (...names: string[]) =>
    createRouter(names.map((name) => route(contract(name)).handle(() => ({ status: 204 }))));
  const callers = {
    realm: 'test',
    identify: async (headers: Record<string, unknown>) =>
      headers['x-who'] === undefined
        ? undefined
        : ({ role: 'shopper', userId: 1, permissions: new Set([String(headers['x-who'])]) } as const),
  };
  const refuse: RequestHandler = (req, _res, next) =>
    next(
      req.headers['x-calm']
        ? undefined
        : new ProblemError(limited, { detail: req.caller ? 'known' : 'unknown' }),
    );

  test('is guarded ahead of or behind the identification, and nothing else is', async () => {
    const asked = (names: string[]) =>
      requireCaller(routerOf(...names), callers, Object.fromEntries(names.map((name) => [name, 'shopper'])));
    const before = guard(asked(['a', 'b']), refuse, {
      problems: [limited],
      stage: 'before-identification',
      only: ['a'],
    });
    const after = guard(asked(['c']), refuse, { problems: [limited] });
    const app = createTestApp([before, after, routerOf('d')]);
    const { request } = await startApp(app);
    const who = { headers: { 'X-Who': 'me' } };
    const detailOf = async (path: string, options = {}) => (await request('GET', path, options)).body;
    expect(await detailOf('/a', who)).toMatchObject({ status: 429, detail: 'unknown' });
    expect(await detailOf('/c', who)).toMatchObject({ status: 429, detail: 'known' });
    expect(await detailOf('/c')).toMatchObject({ status: 401, code: 'missing_credentials' });
    expect((await request('GET', '/b', who)).status).toBe(204);
    expect((await request('GET', '/d')).status).toBe(204);
    expect((await request('GET', '/a', { headers: { 'X-Who': 'me', 'X-Calm': 'yes' } })).status).toBe(204);
    const { paths = {} } = app.openApi;
    const documents = (path: string) => '429' in (paths[path]?.get?.responses ?? {});
    expect(['/a', '/b', '/c', '/d'].map(documents)).toEqual([true, false, true, false]);
  });

  test('may ask for a permission: 403 without it', async () => {
    const staff = requireCaller(routerOf('a'), callers, {
      a: { caller: 'operator', permission: 'stock:write' },
    });
    const { request } = await startApp(createTestApp([staff]));
    expect((await request('GET', '/a', { headers: { 'X-Who': 'stock:write' } })).status).toBe(204);
    const refused = await request('GET', '/a', { headers: { 'X-Who': 'stock:read' } });
    expect(refused.body).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: 'This route requires the permission stock:write.',
    });
  });

  test('a name that no route has is refused at the start', () => {
    expect(() => guard(routerOf('a'), refuse, { problems: [], only: ['b'] })).toThrow('no route named b');
  });
});
