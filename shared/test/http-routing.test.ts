import { startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createNotesApp } from './fixtures/notes-app.ts';

const { request } = await startApp(createNotesApp());

describe('an unknown path', () => {
  test.each(['GET', 'POST', 'OPTIONS', 'HEAD', 'DELETE'])('%s answers 404', async (method) => {
    expect(await request(method, '/nowhere')).toMatchObject({ status: 404 });
  });

  test('answers the problem not_found', async () => {
    expect((await request('GET', '/nowhere?a=b')).body).toMatchObject({
      code: 'not_found',
      instance: '/nowhere',
    });
  });
});

describe('a known path with another method', () => {
  test('answers 405 with all methods of the path', async () => {
    const response = await request('PUT', '/notes');
    expect(response.body).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(response.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, POST');
  });

  test('HEAD is no method of a path without GET, nor listed there', async () => {
    const response = await request('HEAD', '/health/live');
    expect(response.status).toBe(200);
    expect((await request('PATCH', '/health/live')).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });
});

test('OPTIONS answers 204 with Allow and no body', async () => {
  const response = await request('OPTIONS', '/notes/1');
  expect(response).toMatchObject({ status: 204, text: '' });
  expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
});

test('HEAD answers as GET would, without the body', async () => {
  const [head, get] = [await request('HEAD', '/notes/1'), await request('GET', '/notes/1')];
  expect(head).toMatchObject({ status: 200, text: '' });
  for (const name of ['content-length', 'content-type', 'cache-control']) {
    expect(head.headers.get(name)).toBe(get.headers.get(name));
  }
});

test('GET /openapi.json describes the routes in OpenAPI 3.1', async () => {
  const { body } = await request('GET', '/openapi.json');
  expect(body).toMatchObject({
    openapi: '3.1.1',
    paths: { '/notes/{id}': { get: { operationId: 'readNote' } }, '/me': { get: { security: [{}, {}] } } },
  });
});

describe('GET /docs', () => {
  test('asks for nothing outside of this server', async () => {
    const page = await request('GET', '/docs');
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
    const files = sources.filter((url) => url.startsWith('/'));
    expect(sources.filter((url) => !url.startsWith('/'))).toEqual(['data:,']);
    for (const file of files) expect(await request('GET', file)).toMatchObject({ status: 200 });
    expect((await request('GET', '/docs/start.js')).text).toContain('validatorUrl: null');
  });

  test('is allowed by its own content security policy, which names no other host', async () => {
    const policy = (await request('GET', '/docs')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/https?:/);
  });
});
