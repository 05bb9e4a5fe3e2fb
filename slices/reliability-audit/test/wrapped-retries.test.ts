import { defineProblem, ProblemError } from '@lab/shared/http';
import { parsePrometheus } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import type { CallResult, WrappedAudit, WrappedCall } from '../src/index.ts';
import { startEchoUpstream } from './echo-upstream.ts';
import { startServer, startWrapped } from './wrapped-app.ts';

const quick = { RETRY_BASE_MS: '1', RETRY_CAP_MS: '1' };
const KEY = { 'Idempotency-Key': 'k' };

const codeOf = (body: unknown) =>
  typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;

test.each<[string, Record<string, string>, number]>([
  ['GET', {}, 3],
  ['HEAD', {}, 3],
  ['OPTIONS', {}, 3],
  ['PUT', {}, 3],
  ['DELETE', {}, 3],
  ['POST', {}, 1],
  ['PATCH', {}, 1],
  ['POST', KEY, 3],
  ['PATCH', KEY, 3],
  ['PROPFIND', KEY, 1],
])('%s %o is tried so often: %d', async (method, headers, attempts) => {
  const { url, received } = await startEchoUpstream([503, 503, 503]);
  const { request } = await startWrapped({ UPSTREAM_URL: url, ...quick });
  const answer = await request(method, '/wrapped/x', { headers });
  expect([answer.status, answer.headers.get('x-attempts')]).toEqual([503, String(attempts)]);
  expect(received).toHaveLength(attempts);
});

test.each([
  [429, 2],
  [502, 2],
  [503, 2],
  [504, 2],
  [200, 1],
  [301, 1],
  [400, 1],
  [408, 1],
  [500, 1],
  [501, 1],
])('an answer of %d leads to attempts: %d', async (status, attempts) => {
  const { url } = await startEchoUpstream([status]);
  const { request } = await startWrapped({ UPSTREAM_URL: url, ...quick });
  const answer = await request('GET', '/wrapped/x');
  expect(answer.headers.get('x-attempts')).toBe(String(attempts));
  expect(answer.status).toBe(attempts === 1 ? status : 200);
});

test('repeats a request with its body, unless it is too long to be held', async () => {
  const { url, received } = await startEchoUpstream([503, 200, 503]);
  const { request } = await startWrapped({ UPSTREAM_URL: url, ...quick });
  const short = await request('POST', '/wrapped/x', { headers: KEY, text: 'once more' });
  expect([short.status, received.map(({ body }) => body.toString())]).toEqual([
    200,
    ['once more', 'once more'],
  ]);
  const long = await request('POST', '/wrapped/x', { headers: KEY, text: 'x'.repeat(65_537) });
  expect([long.status, long.headers.get('x-attempts')]).toEqual([503, '1']);
});

describe('a failing upstream', () => {
  const faults = ['hang', 'reset', 'cut', 'short', 'slow', 'malformed'];
  const fast = { ...quick, ATTEMPT_TIMEOUT_MS: '250' };

  test.each(faults)('that fails once with %s is called again', async (fault) => {
    const { request } = await startWrapped(fast);
    const answer = await request('GET', `/wrapped/flaky/1?fail=1&fault=${fault}`);
    expect([answer.status, answer.headers.get('x-attempts'), answer.body]).toEqual([
      200,
      '2',
      { id: '1', calls: 2 },
    ]);
  });

  test.each(faults)('that fails always with %s is given up', async (fault) => {
    const { request } = await startWrapped(fast);
    const answer = await request('GET', `/wrapped/flaky/1?fail=9&fault=${fault}`);
    const isTimeout = fault === 'hang' || fault === 'slow';
    expect([answer.status, codeOf(answer.body)]).toEqual(
      isTimeout ? [504, 'upstream_timeout'] : [502, 'upstream_unavailable'],
    );
    expect(answer.headers.get('x-attempts')).toBe('3');
  });

  test('answers as asked by status, delay and number of failures', async () => {
    const { request } = await startWrapped(fast);
    const answer = async (query: string) => {
      const { status, headers, body } = await request('POST', `/wrapped/flaky/${query}`, { headers: KEY });
      return [status, headers.get('x-attempts'), codeOf(body)];
    };
    expect(await answer('a?fail=2')).toEqual([200, '3', undefined]);
    expect(await answer('b?fail=3&status=504')).toEqual([504, '3', undefined]);
    expect(await answer('c?fail=1&status=500')).toEqual([500, '1', undefined]);
    expect(await answer('d?delay_ms=400')).toEqual([504, '3', 'upstream_timeout']);
    expect(await answer('e?fail=1&delay_ms=400')).toEqual([200, '2', undefined]);
    expect(await answer('f?fail=lots')).toEqual([400, '1', undefined]);
  });
});

test('keeps to Retry-After within the deadline, and else passes the answer on at once', async () => {
  const { request } = await startWrapped({ ...quick, DEADLINE_MS: '3000' });
  const startedAtMs = performance.now();
  const kept = await request('GET', '/wrapped/flaky/1?fail=1&retry_after=1');
  expect(kept.headers.get('x-attempts')).toBe('2');
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(1000);
  const tooLong = await request('GET', '/wrapped/flaky/2?fail=1&retry_after=4');
  expect([tooLong.status, tooLong.headers.get('x-attempts'), tooLong.headers.get('retry-after')]).toEqual([
    503,
    '1',
    '4',
  ]);
});

test('a value that came is passed on, although later attempts got none', async () => {
  let calls = 0;
  const url = await startServer((req, res) => {
    calls += 1;
    if (calls === 1) res.writeHead(503, { 'X-Which': 'first' }).end('busy');
    else req.socket.destroy();
  });
  const { request } = await startWrapped({ UPSTREAM_URL: url, ...quick });
  const answer = await request('GET', '/wrapped/x');
  expect([answer.status, answer.text, answer.headers.get('x-attempts')]).toEqual([503, 'busy', '3']);
});

test('leaves an upstream alone that fails, and comes back to it', async () => {
  let isDead = true;
  let calls = 0;
  const url = await startServer((req, res) => {
    calls += 1;
    if (isDead) req.socket.destroy();
    else res.end('back');
  });
  const env = { UPSTREAM_URL: url, ...quick, BREAKER_WINDOW: '6', BREAKER_OPEN_MS: '300' };
  const { request } = await startWrapped(env);
  expect((await request('GET', '/wrapped/x')).status).toBe(502);
  expect((await request('GET', '/wrapped/x')).status).toBe(502);
  const refused = await request('GET', '/wrapped/x');
  expect([refused.status, codeOf(refused.body), refused.headers.get('x-attempts')]).toEqual([
    503,
    'circuit_open',
    '0',
  ]);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(calls).toBe(6);
  const metrics = parsePrometheus((await request('GET', '/metrics')).text);
  expect(metrics.value('circuit_breaker_state', { state: 'open' })).toBe(1);
  expect(metrics.value('upstream_attempts_total', {})).toBe(6);
  isDead = false;
  await expect.poll(async () => (await request('GET', '/wrapped/x')).status).toBe(200);
});

test('a call that fits nowhere is refused', async () => {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const url = await startServer(async (_req, res) => {
    arrived.resolve();
    await released.promise;
    res.end();
  });
  const settings = {
    BULKHEAD_CALLS: '1',
    BULKHEAD_QUEUE: '0',
    ATTEMPT_TIMEOUT_MS: '20000',
    DEADLINE_MS: '20000',
  };
  const { request } = await startWrapped({ ...quick, ...settings, UPSTREAM_URL: url });
  const first = request('POST', '/wrapped/slow');
  await arrived.promise;
  const second = await request('POST', '/wrapped/slow');
  released.resolve();
  expect([second.status, codeOf(second.body)]).toEqual([503, 'service_unavailable']);
  expect((await first).status).toBe(200);
});

describe('the audit', () => {
  const recording = () => {
    const records: (WrappedCall | CallResult | string)[] = [];
    const audit: WrappedAudit = {
      started: async (call) => {
        records.push(call);
        return 'id';
      },
      completed: async (id, result) => {
        records.push(id, { ...result, durationMs: 0 });
      },
    };
    return { audit, records };
  };

  test('has each call before it is made, and its end before the client has its answer', async () => {
    const { audit, records } = recording();
    let recordsAtCall = 0;
    const url = await startServer((_req, res) => {
      recordsAtCall = records.length;
      res.writeHead(503).end();
    });
    const { request } = await startWrapped({ UPSTREAM_URL: url, ...quick }, audit);
    await request('GET', '/wrapped/a/b?secret=1', { headers: { 'X-Request-Id': 'mine' } });
    expect(recordsAtCall).toBe(1);
    expect(records).toEqual([
      {
        method: 'GET',
        resource: '/wrapped/a/b',
        caller: undefined,
        requestId: 'mine',
        traceId: expect.any(String),
      },
      'id',
      { outcome: 'failed', status: 503, attempts: 3, durationMs: 0 },
    ]);
  });

  test('prevents a call that it cannot record', async () => {
    const { url, received } = await startEchoUpstream();
    const unavailable = defineProblem({
      code: 'audit_unavailable',
      status: 503,
      title: 'T',
      explanation: 'E.',
    });
    const audit: WrappedAudit = {
      started: () => Promise.reject(new ProblemError(unavailable)),
      completed: () => Promise.reject(new Error('there is nothing to complete')),
    };
    const { request, takeViolations } = await startWrapped({ UPSTREAM_URL: url }, audit);
    expect(codeOf((await request('GET', '/wrapped/x')).body)).toBe('audit_unavailable');
    expect(received).toEqual([]);
    // The audit documents its own problem where it is plugged in.
    expect(takeViolations()).toHaveLength(1);
  });
});
