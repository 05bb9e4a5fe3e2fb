import { createRouter } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { fileRoute } from '#src/http/docs/static-file.ts';

const { port } = await startApp(createTestApp([]));
const pageOfDocs = await (await fetch(`http://127.0.0.1:${port}/docs`)).text();
const bundle = /src="([^"]+swagger-ui-bundle\.js)"/.exec(pageOfDocs)?.[1] ?? expect.unreachable();

/** `fetch` would decode the body. */
const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { 'Accept-Encoding': 'identity', ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe.each(['/openapi.json', bundle, '/docs', '/docs/start.js'])('GET %s', (path) => {
  test('has a strong ETag, and 304 without a body for the client that has it', async () => {
    const { headers } = await get(path);
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    for (const known of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
      const again = await get(path, { 'If-None-Match': known, 'Cache-Control': 'max-age=0' });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await get(path, { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  test.each(['br', 'gzip'] as const)(
    'comes as %s to those who ask, with the same content',
    async (encoding) => {
      const plain = await get(path);
      const packed = await get(path, { 'Accept-Encoding': encoding });
      expect(packed.headers.get('content-encoding')).toBe(encoding);
      expect(packed.headers.get('vary')).toContain('Accept-Encoding');
      expect(packed.text).toBe(plain.text);
      if (plain.text.length > 1000)
        expect(Number(packed.headers.get('content-length'))).toBeLessThan(plain.text.length / 2);
    },
  );
});

test('files with their version in the path are kept for a year, the others are asked for again', async () => {
  const cacheOf = async (path: string) => (await get(path)).headers.get('cache-control');
  expect(await cacheOf(bundle)).toBe('public, max-age=31536000, immutable');
  for (const path of ['/docs', '/docs/start.js', '/openapi.json'])
    expect(await cacheOf(path)).toBe('no-cache');
});

test('a file is read once, at first use, and packed once for each coding', async () => {
  let reads = 0;
  const file = fileRoute({
    path: '/file',
    name: 'readFile',
    summary: 'A file',
    mediaType: 'text/plain; charset=utf-8',
    cacheControl: 'no-cache',
    read: () => {
      reads += 1;
      return 'content '.repeat(1000);
    },
  });
  const sent: (string | Uint8Array)[] = [];
  const app = createTestApp([createRouter([file])]);
  const server = await startApp(app);
  expect(reads).toBe(0);
  const ask = async (encoding: string) => {
    const response = await fetch(`${server.url}/file`, { headers: { 'Accept-Encoding': encoding } });
    sent.push(await response.text());
  };
  await Promise.all(['br', 'gzip', 'identity', 'br', 'gzip', 'identity'].map(ask));
  expect(reads).toBe(1);
  expect(new Set(sent).size).toBe(1);
});
