import { createServer } from 'node:http';
import { createRouter, defineRoute, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import type { RequestHandler } from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const answered = z.strictObject({ by: z.string() });

const define = (path: string, name: string) =>
  defineRoute({
    method: 'GET',
    path,
    name,
    summary: 'Which route answers',
    tag: 'test',
    ...(path.includes(':') && { params: z.strictObject({ id: z.string() }) }),
    responses: { 200: { description: 'Its name', body: answered }, 503: { description: 'Too busy' } },
  });

const routeTo = (path: string, name: string, ...middleware: readonly RequestHandler[]) =>
  route(define(path, name), ...middleware).handle(() => ({ status: 200, body: { by: name } }));

const appOf = (...routes: readonly ReturnType<typeof routeTo>[]) =>
  createTestApp(routes.map((each) => createRouter([each])));

describe('the route of a path', () => {
  test.each([
    ['/things/latest', 'latest'],
    ['/things/7', 'thing'],
    ['/things/', 'things'],
    ['/THINGS', 'things'],
    ['/Things/7/', 'thing'],
    ['/', 'root'],
    ['/things?', 'things'],
    ['/things/late', 'thing'],
    ['/else/late', 'any'],
  ])('%s', async (path, by) => {
    const server = await startApp(
      appOf(
        routeTo('/things/latest', 'latest'),
        routeTo('/things/:id', 'thing'),
        routeTo('/things', 'things'),
        routeTo('/', 'root'),
        routeTo('/:id/late', 'any'),
      ),
    );
    expect(await server.request('GET', path)).toMatchObject({ status: 200, body: { by } });
  });

  test('two routes of one method and path are refused at the start, whatever their parameters are called', () => {
    expect(() => appOf(routeTo('/a', 'one'), routeTo('/a', 'two'))).toThrow(
      'two routes have the same method and path: GET /a',
    );
    expect(() => appOf(routeTo('/a/:id', 'one'), routeTo('/a/:name', 'two'))).toThrow(
      'two routes have the same method and path',
    );
  });
});

describe('middleware of a route', () => {
  const steps: string[] = [];
  const step =
    (name: string): RequestHandler =>
    (_req, _res, next) => {
      steps.push(name);
      next();
    };

  test('runs in order, before the handler', async () => {
    const server = await startApp(appOf(routeTo('/a', 'a', step('first'), step('second'))));
    expect(await server.request('GET', '/a')).toMatchObject({ status: 200 });
    expect(steps).toEqual(['first', 'second']);
  });

  test('may answer by itself, with the headers of every response', async () => {
    const busy: RequestHandler = (_req, res) => void res.status(503).end();
    const server = await startApp(appOf(routeTo('/a', 'a', busy)));
    const response = await server.request('GET', '/a');
    expect(response.status).toBe(503);
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  const broken: readonly [string, RequestHandler][] = [
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('broken');
      },
    ],
    ['passes an error on', (_req, _res, next) => next(new Error('broken'))],
  ];
  test.each(broken)('that %s ends in the error handler', async (_how, middleware) => {
    const server = await startApp(appOf(routeTo('/a', 'a', middleware)));
    expect(await server.request('GET', '/a')).toMatchObject({
      status: 500,
      body: { code: 'internal_error' },
    });
  });
});

describe('headers of a response', () => {
  const answerWith = (answer: RequestHandler) => appOf(routeTo('/a', 'a', answer));

  test('set one by one stand beside those of every response, and before them', async () => {
    const server = await startApp(
      answerWith((_req, res) => {
        res.setHeader('Cache-Control', 'max-age=60').setHeader('X-Own', '1').status(503).end();
      }),
    );
    const { headers } = await server.request('GET', '/a');
    expect(headers.get('cache-control')).toBe('max-age=60');
    expect(headers.get('x-own')).toBe('1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['an object', { 'Cache-Control': 'max-age=60' }],
    ['a list', ['Cache-Control', 'max-age=60']],
  ])('given to writeHead as %s do too', async (_as, headers) => {
    const server = await startApp(answerWith((_req, res) => void res.writeHead(503, 'Busy', headers).end()));
    const response = await server.request('GET', '/a');
    expect(response.headers.get('cache-control')).toBe('max-age=60');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('are there too where a server of another make serves the app', async () => {
    const app = appOf(routeTo('/a', 'a'));
    const { headers } = await request(createServer(app.express)).get('/a').set('X-Request-Id', 'mine');
    expect(headers).toMatchObject({ 'x-request-id': 'mine', 'x-frame-options': 'SAMEORIGIN' });
  });
});
