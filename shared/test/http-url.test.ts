import { startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createNotesApp } from './fixtures/notes-app.ts';

const { request } = await startApp(createNotesApp());

describe('bad percent-encoding', () => {
  test.each([
    '/notes/%',
    '/notes/%zz',
    '/notes/%E2%82',
    '/notes/%ff',
    '/nowhere/%zz',
    '/notes?tag=%',
    '/notes?tag=%zz',
    '/notes?%ff=1',
  ])('%s answers 400 malformed_url', async (path) => {
    expect((await request('GET', path)).body).toMatchObject({ status: 400, code: 'malformed_url' });
  });
});

describe('the query', () => {
  test('is decoded and given its types', async () => {
    expect((await request('GET', '/notes?limit=5&tag=a+b%26%E2%98%83')).body).toEqual({
      limit: 5,
      tag: 'a b&\u2603',
    });
    expect((await request('GET', '/notes')).body).toEqual({ limit: 20 });
    expect((await request('GET', '/notes?')).body).toEqual({ limit: 20 });
  });

  test.each([
    ['an unknown parameter', '/notes?colour=red', 'colour', 'unknown parameter'],
    ['a repeated parameter', '/notes?tag=a&tag=b', 'tag', 'must be given once'],
    ['an unknown parameter of a route without any', '/notes/1?colour=red', 'colour', 'unknown parameter'],
    ['an unknown parameter of a system route', '/health/live?a=b', 'a', 'unknown parameter'],
    ['brackets', '/notes?tag[a]=b', '(unnamed)', 'unknown parameter'],
    ['a prototype', '/notes?__proto__=b', '__proto__', 'unknown parameter'],
  ])('%s answers 400', async (_name, path, parameter, detail) => {
    expect((await request('GET', path)).body).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ parameter, detail }],
    });
  });

  test('every fault of parameters and headers is told at once', async () => {
    const { body } = await request('GET', '/notes/one?a=1&b=2', { headers: { 'If-Note': 'more than ten' } });
    expect(body).toMatchObject({
      errors: [
        { parameter: 'id', detail: 'must be digits' },
        { parameter: 'a', detail: 'unknown parameter' },
        { parameter: 'b', detail: 'unknown parameter' },
        { header: 'if-note' },
      ],
    });
  });

  test('thousands of repeats cost little', async () => {
    const startedAtMs = performance.now();
    expect(await request('GET', `/notes?${'tag&'.repeat(3500)}`)).toMatchObject({ status: 400 });
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
  });
});
