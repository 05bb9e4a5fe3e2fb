import { formatTraceparent } from '@lab/shared/http';
import { startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';
import { createNotesApp } from './fixtures/notes-app.ts';
import { rawExchange } from './fixtures/raw-exchange.ts';

const captured = createCapturedLogger();
const { request, port } = await startApp(createNotesApp({ logger: captured.logger, newId: () => 'made-id' }));

const idFor = async (given?: string): Promise<string | null> =>
  (
    await request('GET', '/notes/1', given === undefined ? {} : { headers: { 'X-Request-Id': given } })
  ).headers.get('x-request-id');

describe('X-Request-Id', () => {
  test.each(['a', 'A-z_0.9', 'x'.repeat(128)])('%s is taken', async (given) => {
    expect(await idFor(given)).toBe(given);
  });

  test.each(['', 'x'.repeat(129), 'a b', 'a,b', '<script>', 'a\u00e9', '../..'])(
    '%s is replaced by one that is made',
    async (given) => {
      expect(await idFor(given)).toBe('made-id');
    },
  );

  test('none, or two of them, get one that is made', async () => {
    expect(await idFor()).toBe('made-id');
    const twice =
      'GET /notes/1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\r\nX-Request-Id: b\r\nConnection: close\r\n\r\n';
    expect(await rawExchange(port, twice)).toContain('X-Request-Id: made-id');
  });

  test('stands on errors, in their problems and on every log line of the request', async () => {
    const headers = { 'X-Request-Id': 'shown-everywhere' };
    await request('POST', '/notes', { headers, json: { text: 'a' } });
    const { body } = await request('GET', '/nowhere', { headers });
    expect(body).toMatchObject({ request_id: 'shown-everywhere' });
    const lines = captured.lines().filter(({ request_id }) => request_id === 'shown-everywhere');
    expect(lines.map(({ msg, route, status }) => ({ msg, route, status }))).toEqual([
      { msg: 'writing', route: undefined, status: undefined },
      { msg: 'request', route: '/notes', status: 200 },
      { msg: 'request', route: 'unmatched', status: 404 },
    ]);
  });
});

describe('traceparent', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceOf = async (traceparent?: string): Promise<unknown> => {
    const id = `trace-${captured.lines().length}`;
    await request('GET', '/notes/1', {
      headers: { 'X-Request-Id': id, ...(traceparent !== undefined && { traceparent }) },
    });
    return captured.lines().find(({ request_id }) => request_id === id)?.trace_id;
  };

  test.each([
    `00-${traceId}-b7ad6b7169203331-01`,
    `00-${traceId}-b7ad6b7169203331-00`,
    `01-${traceId}-b7ad6b7169203331-01`,
    `01-${traceId}-b7ad6b7169203331-01-what-the-future-brings`,
  ])('%s is continued', async (traceparent) => {
    expect(await traceOf(traceparent)).toBe(traceId);
  });

  test.each([
    undefined,
    '',
    `ff-${traceId}-b7ad6b7169203331-01`,
    `00-${traceId.toUpperCase()}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-b7ad6b7169203331-01-more`,
    `00-${traceId}-b7ad6b7169203331`,
    `00-${traceId}-b7ad6b7169203331-01x`,
    ` 00-${traceId}-b7ad6b7169203331-1`,
  ])('%s begins a new trace', async (traceparent) => {
    const made = await traceOf(traceparent);
    expect(made).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    expect(made).not.toBe(traceId);
  });

  test('two requests without one get different traces', async () => {
    expect(await traceOf()).not.toBe(await traceOf());
  });

  test('is formatted for outgoing calls as the standard has it', () => {
    expect(formatTraceparent({ traceId, spanId: 'b7ad6b7169203331', flags: '01' })).toBe(
      `00-${traceId}-b7ad6b7169203331-01`,
    );
  });
});

test('there is one log line for each request, with method, template, status and duration', async () => {
  const before = captured.lines().length;
  await request('GET', '/notes/12345?a=secret');
  const [line, ...others] = captured.lines().slice(before);
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    level: 'info',
    service: 'test',
    method: 'GET',
    route: '/notes/:id',
    status: 400,
    duration_ms: expect.any(Number),
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
  expect(JSON.stringify(line)).not.toMatch(/12345|secret/);
});
