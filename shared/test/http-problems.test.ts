import { createRouter, defineProblem, defineRoute, problemSchema, problemsOf, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';
import { createNotesApp } from './fixtures/notes-app.ts';

const captured = createCapturedLogger();
const { request } = await startApp(
  createNotesApp({ logger: captured.logger, publicUrl: 'https://shop.test/api' }),
);

test('an error is problem+json with all members of the contract', async () => {
  const response = await request('POST', '/notes?a=b', {
    headers: { 'X-Request-Id': 'r-1' },
    json: { text: 'a' },
  });
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.body).toEqual({
    type: 'https://shop.test/api/problems/invalid_request',
    title: expect.any(String),
    status: 400,
    detail: 'The request has one error; see `errors`.',
    instance: '/notes',
    code: 'invalid_request',
    request_id: 'r-1',
    errors: [{ parameter: 'a', detail: 'unknown parameter' }],
  });
});

test('a problem of the route carries the members it declares', async () => {
  const response = await request('POST', '/notes', { json: { text: 'locked' } });
  expect(response).toMatchObject({ status: 409, body: { code: 'note_locked', retry_after: 3 } });
});

test('what is unforeseen answers a fixed text, and only the log has the cause', async () => {
  const response = await request('POST', '/notes', {
    headers: { 'X-Request-Id': 'r-2' },
    json: { text: 'fail' },
  });
  expect(response.body).toMatchObject({ status: 500, code: 'internal_error', request_id: 'r-2' });
  expect(response.text).not.toMatch(/disk|ENOSPC|\.ts/);
  const line = captured.lines().find(({ level, request_id }) => level === 'error' && request_id === 'r-2');
  expect(line).toMatchObject({
    err: {
      name: 'Error',
      message: 'the disk is full',
      stack: expect.any(String),
      cause: { message: 'ENOSPC' },
    },
  });
});

describe('GET /problems/:code', () => {
  test('is a page, also for a client that takes anything', async () => {
    for (const accept of ['text/html,application/xhtml+xml,*/*;q=0.8', '*/*', 'image/png']) {
      const response = await request('GET', '/problems/note_locked', { headers: { Accept: accept } });
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.text).toContain('<h1>The note is locked</h1>');
    }
  });

  test('is JSON for a client that asks for it', async () => {
    const { body } = await request('GET', '/problems/note_locked', {
      headers: { Accept: 'application/json' },
    });
    expect(body).toEqual({
      code: 'note_locked',
      status: 409,
      title: 'The note is locked',
      explanation: expect.any(String),
    });
  });

  test.each([
    'invalid_request',
    'malformed_json',
    'malformed_url',
    'malformed_request',
    'missing_credentials',
    'invalid_token',
    'not_found',
    'method_not_allowed',
    'request_timeout',
    'payload_too_large',
    'unsupported_media_type',
    'headers_too_large',
    'internal_error',
  ])('documents %s', async (code) => {
    expect(await request('GET', `/problems/${code}`)).toMatchObject({ status: 200 });
  });

  test('shows a problem as the server sends it, with the members of its code', async () => {
    const { text } = await request('GET', '/problems/note_locked');
    const example = JSON.parse(/<pre><code>([^<]*)</.exec(text)?.[1]?.replaceAll('&quot;', '"') ?? '');
    expect(example).toMatchObject({
      type: 'https://shop.test/api/problems/note_locked',
      status: 409,
      instance: '/notes',
      retry_after: 3,
    });
    expect(text).toContain('<code>POST /notes</code>');
  });

  test('shows code as code, without backticks', async () => {
    const { text } = await request('GET', '/problems/note_locked');
    expect(text).toContain('<code>retry_after</code>');
    expect(text.replace(/<pre>.*<\/pre>/s, '')).not.toContain('`');
  });

  test.each(['none', '__proto__', 'constructor'])('%s is no code', async (code) => {
    expect((await request('GET', `/problems/${code}`)).body).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  test('escapes what it shows', async () => {
    const evil = defineProblem({ code: 'evil', status: 418, title: '<b>&', explanation: '"<i>"' });
    const contract = defineRoute({
      method: 'GET',
      path: '/evil',
      name: 'evil',
      summary: 'Evil',
      tag: 'test',
      responses: { 204: { description: 'Nothing' } },
      problems: [evil],
    });
    const app = createTestApp([createRouter([route(contract).handle(() => ({ status: 204 }))])]);
    const { text } = await (await startApp(app)).request('GET', '/problems/evil');
    expect(text).toContain('&lt;b&gt;&amp;');
    expect(text).not.toMatch(/<b>|<i>/);
  });
});

describe('GET /problems', () => {
  test('is a page of all codes, each with a link', async () => {
    const { text } = await request('GET', '/problems');
    for (const code of ['invalid_request', 'note_locked', 'not_found']) {
      expect(text).toContain(`<a href="/problems/${code}"><code>${code}</code></a>`);
    }
  });

  test('is JSON for a client that asks for it', async () => {
    const { body } = await request('GET', '/problems', { headers: { Accept: 'application/json' } });
    const { items } = body as { items: { code: string }[] };
    expect(items).toContainEqual(expect.objectContaining({ code: 'note_locked', status: 409 }));
  });
});

test('the examples of all problems are problems as documented', async () => {
  const { contracts, openApi } = createNotesApp();
  const examples = openApi.components?.examples ?? {};
  const types = new Set(contracts.filter(({ unlisted }) => !unlisted).flatMap(problemsOf));
  expect(Object.keys(examples).length).toBe(types.size);
  for (const type of types) {
    const { value } = examples[type.code] as { value: unknown };
    expect(problemSchema(type.status, [type]).safeParse(value).error, type.code).toBeUndefined();
  }
});

test('two problems of one code are found when the app is made', () => {
  const make = () => {
    const twin = defineProblem({ code: 'not_found', status: 410, title: 'Twin', explanation: 'Twin.' });
    return defineRoute({
      method: 'GET',
      path: '/twin',
      name: 'twin',
      summary: 'Twin',
      tag: 'test',
      responses: { 204: { description: 'Nothing' } },
      problems: [twin],
    });
  };
  expect(() => createTestApp([createRouter([route(make()).handle(() => ({ status: 204 }))])])).toThrow(
    'The problem not_found is defined twice.',
  );
});
