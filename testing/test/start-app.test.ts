import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { createRouter, defineProblem, defineRoute, ProblemError, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const gone = defineProblem({ code: 'gone', status: 410, title: 'It is gone', explanation: 'It was here.' });
const lost = defineProblem({ code: 'lost', status: 410, title: 'It is lost', explanation: 'It was here.' });

const readThing = defineRoute({
  method: 'GET',
  path: '/things/:id',
  name: 'readThing',
  summary: 'A thing',
  tag: 'test',
  params: z.strictObject({ id: z.string() }),
  responses: {
    200: { description: 'The thing', body: z.object({ id: z.int() }) },
    204: { description: 'Nothing' },
  },
  problems: [gone],
});

/** Answers without the headers that the app has set already. */
const answerPastTheApp = (res: ServerResponse, headers: Record<string, string>): void => {
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.writeHead(200, { ...headers, 'Content-Type': 'application/json; charset=utf-8' });
  res.end('{"id":1}');
};

/** An app that answers by its parameter what a correct handler never would. */
const app = () =>
  createTestApp([
    createRouter([
      route(readThing).handle((req, res) => {
        const { id } = req.params;
        if (id === 'field') return { status: 200, text: '{"id":1,"secret":2}' };
        if (id === 'type') return { status: 200, text: '{"id":"1"}' };
        if (id === 'broken') return { status: 200, text: '{"id":1' };
        if (id === 'media') return { status: 200, text: '{"id":1}', mediaType: 'text/plain' };
        if (id === 'code') throw new ProblemError(lost);
        if (id === 'gone') throw new ProblemError(gone);
        if (id === 'member') throw new ProblemError(gone, { members: { hint: 1 } });
        if (id === 'helmet') answerPastTheApp(res, { 'X-Request-Id': 'a', 'Cache-Control': 'no-store' });
        if (id === 'powered') res.setHeader('X-Powered-By', 'Express');
        if (id === 'id') answerPastTheApp(res, { 'Cache-Control': 'no-store' });
        if (id === 'status') res.status(418).end();
        return { status: 200, body: { id: 1 } };
      }),
    ]),
  ]);

describe('planted bugs that the contract check finds', () => {
  test.each([
    ['status', 'status 418 is not documented'],
    ['field', 'the body has fields that are not in its schema'],
    ['type', 'id: Invalid input'],
    ['broken', 'the body is not JSON'],
    ['media', 'the media type is text/plain, documented is application/json'],
    ['code', 'the problem lost with status 410 is not documented'],
    ['member', 'Unrecognized key: "hint"'],
    ['helmet', 'missing headers: content-security-policy, cross-origin-opener-policy'],
    ['powered', 'the header x-powered-by is sent'],
    ['id', 'missing headers: x-request-id'],
  ])('%s', async (bug, complaint) => {
    const server = await startApp(app());
    await server.request('GET', `/things/${bug}`);
    const violations = server.takeViolations();
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatch(new RegExp(`^GET /things/${bug} \\(/things/:id\\) -> \\d{3}: `));
    expect(violations[0]).toContain(complaint);
  });

  test('fail the test that received them, when its server is closed', async () => {
    const server = await startApp(app());
    await server.request('GET', '/things/field');
    await server.request('GET', '/things/code');
    await expect(server.close()).rejects.toThrow(
      /^Responses that no contract documents:\n {2}- GET \/things\/field .*\n {2}- GET \/things\/code /,
    );
  });

  test('are found whoever asks: supertest, fetch or a socket', async () => {
    const server = await startApp(app());
    await request(server.url).get('/things/field');
    await fetch(`${server.url}/things/field`);
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /things/field HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await readAll(socket)).toContain('"secret":2');
    expect(server.takeViolations()).toHaveLength(3);
  });
});

describe('what is documented passes', () => {
  test.each([
    ['GET', '/things/1', 200],
    ['HEAD', '/things/1', 200],
    ['OPTIONS', '/things/1', 204],
    ['GET', '/things/gone', 410],
    ['HEAD', '/things/gone', 410],
    ['DELETE', '/things/1', 405],
    ['GET', '/nowhere', 404],
    ['GET', '/things/1?a=b', 400],
    ['GET', '/things/%zz', 400],
    ['GET', '/metrics', 200],
    ['GET', '/problems/gone', 200],
    ['GET', '/docs', 200],
    ['GET', '/openapi.json', 200],
  ])('%s %s', async (method, path, status) => {
    const server = await startApp(app());
    expect(await server.request(method, path)).toMatchObject({ status });
    expect(server.takeViolations()).toEqual([]);
  });

  test('bytes that are no request', async () => {
    const server = await startApp(app());
    const socket = connect(server.port, '127.0.0.1');
    socket.end('BREW /pot HTTP/1.1\r\n\r\n');
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect(server.takeViolations()).toEqual([]);
  });
});

test('the client gives status, headers, text and parsed body', async () => {
  const { request: send } = await startApp(app());
  const response = await send('GET', '/things/1', { headers: { 'X-Request-Id': 'mine' } });
  expect(response).toMatchObject({ status: 200, text: '{"id":1}', body: { id: 1 } });
  expect(response.headers.get('x-request-id')).toBe('mine');
});
