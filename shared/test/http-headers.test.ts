import { createRouter, defineRoute, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createNotesApp } from './fixtures/notes-app.ts';

const closed = await startApp(createNotesApp());
const open = await startApp(createNotesApp({ corsOrigins: ['https://shop.test', 'https://admin.test'] }));

const from = (origin: string, headers: Record<string, string> = {}) => ({
  headers: { Origin: origin, ...headers },
});
const preflight = {
  'Access-Control-Request-Method': 'POST',
  'Access-Control-Request-Headers': 'content-type',
};

describe('every response', () => {
  test.each([
    ['GET', '/notes/1'],
    ['GET', '/nowhere'],
    ['GET', '/notes/%zz'],
    ['PUT', '/notes'],
    ['OPTIONS', '/notes'],
    ['GET', '/me'],
    ['GET', '/metrics'],
  ])('%s %s has the security headers and is not stored', async (method, path) => {
    const { headers } = await closed.request(method, path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.has('x-powered-by')).toBe(false);
    expect(headers.has('etag')).toBe(false);
  });

  test('insecure requests are upgraded only where the server is reached by https', async () => {
    const secure = await startApp(createNotesApp({ publicUrl: 'https://shop.test' }));
    const policyOf = async ({ request } = closed) =>
      (await request('GET', '/docs')).headers.get('content-security-policy');
    expect(await policyOf()).not.toContain('upgrade-insecure-requests');
    expect(await policyOf(secure)).toContain('upgrade-insecure-requests');
  });
});

describe('CORS', () => {
  test('is off unless origins are named', async () => {
    const { headers } = await closed.request('GET', '/notes/1', from('https://shop.test'));
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    const answer = await closed.request('OPTIONS', '/notes', from('https://shop.test', preflight));
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });

  test.each(['https://shop.test', 'https://admin.test'])('%s may read, and sees the ids', async (origin) => {
    const { headers } = await open.request('GET', '/notes/1', from(origin));
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id');
    expect(headers.get('vary')).toContain('Origin');
  });

  test.each(['https://evil.test', 'https://shop.test.evil.test', 'http://shop.test', 'null'])(
    '%s may not',
    async (origin) => {
      const { headers } = await open.request('GET', '/notes/1', from(origin));
      expect(headers.has('access-control-allow-origin')).toBe(false);
    },
  );

  test('scripts see the headers that the contracts promise', async () => {
    const contract = defineRoute({
      method: 'GET',
      path: '/version',
      name: 'readVersion',
      summary: 'A version',
      tag: 'test',
      responses: { 204: { description: 'In a header', headers: { 'X-Version': 'The version' } } },
    });
    const router = createRouter([route(contract).handle(() => ({ status: 204 }))]);
    const app = createTestApp([router], { corsOrigins: ['https://shop.test'] });
    const { headers } = await (await startApp(app)).request('GET', '/version', from('https://shop.test'));
    expect(headers.get('access-control-expose-headers')?.split(',')).toEqual([
      'X-Request-Id',
      'Retry-After',
      'X-Version',
      'ETag',
    ]);
  });

  test('errors can be read too', async () => {
    for (const path of ['/nowhere', '/me', '/notes/%zz']) {
      const { headers } = await open.request('GET', path, from('https://shop.test'));
      expect(headers.get('access-control-allow-origin')).toBe('https://shop.test');
    }
  });

  test('a preflight is answered, a plain OPTIONS still with Allow', async () => {
    const answer = await open.request('OPTIONS', '/notes', from('https://shop.test', preflight));
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type');
    const plain = await open.request('OPTIONS', '/notes', from('https://shop.test'));
    expect(plain.headers.get('allow')).toContain('POST');
  });
});
