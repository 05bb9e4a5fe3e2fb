import { createHealth } from '@lab/shared/observability';
import { createTestApp, startApp } from '@lab/testing';
import { expect, test } from 'vitest';

const never = () => new Promise<never>(() => {});

test('liveness checks no dependency: it is ok while every check hangs', async () => {
  const health = createHealth({ database: never }, { timeoutMs: 60_000 });
  const { request } = await startApp(createTestApp([], { health }));
  expect(await request('GET', '/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
});

test('readiness is 200 with each check and how long it took', async () => {
  const { request } = await startApp(
    createTestApp([], { health: createHealth({ database: async () => 1 }) }),
  );
  expect(await request('GET', '/health')).toMatchObject({
    status: 200,
    body: { status: 'ok', checks: { database: { status: 'ok', latency_ms: expect.any(Number) } } },
  });
});

test('one failing check makes it 503; the reason is for the log alone', async () => {
  const failures: unknown[] = [];
  const health = createHealth(
    { database: async () => 1, redis: () => Promise.reject(new Error('redis://:hunter2@db')) },
    { onFailure: (name, error) => failures.push([name, error]) },
  );
  const { request } = await startApp(createTestApp([], { health }));
  const response = await request('GET', '/health');
  expect(response).toMatchObject({
    status: 503,
    body: { status: 'unavailable', checks: { database: { status: 'ok' }, redis: { status: 'failed' } } },
  });
  expect(response.text).not.toContain('hunter2');
  expect(failures).toEqual([['redis', new Error('redis://:hunter2@db')]]);
});

test('a check that throws at once or hangs is a failed one, and the answer has an end', async () => {
  const throws = () => {
    throw new Error('no');
  };
  const health = createHealth({ hangs: never, hangsToo: never, throws }, { timeoutMs: 50 });
  const startedAtMs = performance.now();
  const { status, checks } = await health.report();
  expect(performance.now() - startedAtMs).toBeLessThan(1000);
  expect(status).toBe('unavailable');
  expect(Object.values(checks).map((check) => check.status)).toEqual(['failed', 'failed', 'failed']);
  expect(checks.hangs?.latency_ms).toBeGreaterThanOrEqual(49);
});

test('while draining it is 503', async () => {
  const health = createHealth({ database: async () => 1 });
  const { request } = await startApp(createTestApp([], { health }));
  health.drain();
  expect(await request('GET', '/health')).toMatchObject({ status: 503, body: { status: 'draining' } });
});
