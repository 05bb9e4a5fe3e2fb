import { once } from 'node:events';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import {
  createCallers,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  problemHandler,
  rawBody,
  route,
} from '@lab/shared/http';
import { startExpress } from '@lab/testing';
import express, { type Express, type RequestHandler } from 'express';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';

const taken = defineProblem({
  code: 'name_taken',
  status: 409,
  title: 'Taken',
  explanation: 'Choose another.',
});

const addThing = defineRoute({
  method: 'POST',
  path: '/things/:shelf',
  name: 'addThing',
  summary: 'Add a thing',
  tag: 'test',
  caller: 'shopper',
  params: z.strictObject({ shelf: z.string() }),
  query: z.strictObject({ color: z.enum(['red', 'blue']).optional() }),
  body: z.strictObject({ name: z.string() }),
  responses: {
    201: {
      description: 'Added',
      body: z.strictObject({ name: z.string(), by: z.int() }),
      headers: { Location: 'Its path' },
    },
  },
  problems: [taken],
});

const hook = defineRoute({
  method: 'POST',
  path: '/hook',
  name: 'hook',
  summary: 'Take bytes',
  tag: 'test',
  body: rawBody({ mediaTypes: ['application/json'] }),
  responses: { 200: { description: 'How many', body: z.strictObject({ bytes: z.int() }) } },
});

const createThingRouter = () => {
  const callers = createCallers({
    authTokens: new Map([['alice', 1]]),
    adminToken: 'the-admin-token',
    trustUserHeader: false,
  });
  const add = route(addThing).handle((req) => {
    if (req.body.name === 'taken') throw new ProblemError(taken, { headers: { 'Retry-After': '7' } });
    const { name } = req.body;
    const headers = { Location: `${req.baseUrl}/things/${req.params.shelf}` };
    return { status: 201, headers, body: { name, by: req.caller.userId } };
  });
  const count = route(hook).handle((req) => ({ status: 200, body: { bytes: req.body.length } }));
  return createRouter([add, count], { callers });
};

const serve = async (app: Express) => {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer alice', ...headers },
      body: JSON.stringify(body),
    });
};

test('a router works in any Express app, under a prefix, beside other routes', async () => {
  const app = express();
  app.use('/shop/:country', createThingRouter());
  app.get('/other', (_req, res) => void res.send('other'));
  const post = await serve(app.use(problemHandler({ publicUrl: 'https://shop.test' })));
  const added = await post('/shop/nl/things/top?color=red', { name: 'cup' });
  expect(added.status).toBe(201);
  expect(added.headers.get('location')).toBe('/shop/nl/things/top');
  expect(await added.json()).toEqual({ name: 'cup', by: 1 });

  const refused = await post('/shop/nl/things/top?color=green', { name: 'cup' });
  expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(await refused.json()).toMatchObject({
    type: 'https://shop.test/problems/invalid_request',
    instance: '/shop/nl/things/top',
    errors: [{ parameter: 'color' }],
  });
  const stranger = await post('/shop/nl/things/top', { name: 'cup' }, { Authorization: 'Bearer nobody' });
  expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="ecommerce-lab", error="invalid_token"',
  ]);
});

test("Express's own error handler answers with the status and the headers of a problem", async () => {
  const post = await serve(express().use(createThingRouter()));
  const refused = await post('/things/top', { name: 'taken' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([409, '7']);
  expect((await post('/things/top', { name: 1 })).status).toBe(400);
});

const quietly: RequestHandler = (req, _res, next) => {
  req.resume().on('end', () => next());
};

test.each([
  ['express.json()', express.json(), '/things/top', 201],
  ['express.raw()', express.raw({ type: '*/*' }), '/things/top', 201],
  ['express.raw(), for bytes', express.raw({ type: '*/*' }), '/hook', 200],
  ['express.json(), for bytes', express.json(), '/hook', 500],
  ['a middleware that swallows the body', quietly, '/things/top', 500],
])('behind %s no request hangs', async (_name, middleware, path, status) => {
  const post = await serve(express().use(middleware, createThingRouter(), problemHandler()));
  const answer = await post(path, { name: 'cup' });
  expect(answer.status).toBe(status);
});

test.each([
  ['a body that is no JSON', '{"name":"secret', 400, 'malformed_json'],
  ['a body that is too large', JSON.stringify({ name: 'x'.repeat(200_000) }), 413, 'payload_too_large'],
])('what express.json() refuses is the fault of the client: %s', async (_name, body, status, code) => {
  const request = await startExpress(express().use(express.json(), createThingRouter(), problemHandler()));
  const headers = { 'Content-Type': 'application/json' };
  const answer = await request('POST', '/things/top', { headers, text: body });
  expect(answer.body).toMatchObject({ status, code });
});

test('an unexpected error is logged without what hangs on it', async () => {
  const written = vi.spyOn(fs, 'writeSync').mockImplementation((_file, line) => String(line).length);
  onTestFinished(() => written.mockRestore());
  const fail: RequestHandler = () => {
    throw Object.assign(new Error('it broke'), { body: 'the card number' });
  };
  const post = await serve(express().use(fail, problemHandler()));
  expect((await post('/', {})).status).toBe(500);
  const log = written.mock.calls.map(([, line]) => String(line)).join('');
  expect(log).toContain('it broke');
  expect(log).not.toContain('the card number');
});
