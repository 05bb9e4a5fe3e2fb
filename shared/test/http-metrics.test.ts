import { createRouter, defineRoute, route } from '@lab/shared/http';
import { createTestApp, parsePrometheus, startApp } from '@lab/testing';
import { expect, test } from 'vitest';
import { createNotesApp } from './fixtures/notes-app.ts';

const metricsOf = async ({ request }: Awaited<ReturnType<typeof startApp>>) =>
  parsePrometheus((await request('GET', '/metrics')).text);

test('requests are counted by method, route template and status', async () => {
  const server = await startApp(createNotesApp());
  for (const id of ['1', '2', '3']) await server.request('GET', `/notes/${id}`);
  await server.request('HEAD', '/notes/1');
  await server.request('GET', '/notes/one');
  await server.request('PUT', '/notes/1');
  await server.request('POST', '/notes', { json: { text: 'fail' } });
  const { value } = await metricsOf(server);
  const count = (method: string, route: string, status: string) =>
    value('http_requests_total', { method, route, status });
  expect(count('GET', '/notes/:id', '200')).toBe(3);
  expect(count('HEAD', '/notes/:id', '200')).toBe(1);
  expect(count('GET', '/notes/:id', '400')).toBe(1);
  expect(count('PUT', '/notes/:id', '405')).toBe(1);
  expect(count('POST', '/notes', '500')).toBe(1);
  expect(value('http_request_duration_seconds_count', { method: 'GET', route: '/notes/:id' })).toBe(4);
});

test('each of many requests is in the next scrape, once', async () => {
  const server = await startApp(createNotesApp());
  for (let index = 0; index < 1005; index += 1) await server.request('GET', '/health/live');
  const counted = (await metricsOf(server)).value('http_requests_total', { route: '/health/live' });
  const again = await metricsOf(server);
  expect([counted, again.value('http_requests_total', { route: '/health/live' })]).toEqual([1005, 1005]);
  expect(again.value('http_request_duration_seconds_count', { route: '/health/live' })).toBe(1005);
});

test('a thousand unknown paths and methods make no series of their own', async () => {
  const server = await startApp(createNotesApp());
  for (let index = 0; index < 100; index += 1) await server.request('GET', `/nowhere/${index}`);
  for (const method of ['PROPFIND', 'PURGE', 'LINK', 'SEARCH']) await server.request(method, '/nowhere');
  const { families, value } = await metricsOf(server);
  expect(families.get('http_requests_total')?.samples.map(({ labels }) => labels)).toEqual([
    { method: 'GET', route: 'unmatched', status: '404' },
    { method: 'OTHER', route: 'unmatched', status: '404' },
  ]);
  expect(value('http_requests_total', { method: 'GET' })).toBe(100);
  expect(value('http_requests_total', { method: 'OTHER' })).toBe(4);
});

test('a request whose client left before its answer is no success', async () => {
  const waiting = Promise.withResolvers<void>();
  const wait = defineRoute({
    method: 'GET',
    path: '/wait',
    name: 'wait',
    summary: 'Waits',
    tag: 'test',
    responses: { 204: { description: 'Nothing' } },
  });
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const handled = route(wait).handle(async () => {
    arrive();
    await waiting.promise;
    return { status: 204 };
  });
  const server = await startApp(createTestApp([createRouter([handled])]));
  const client = new AbortController();
  const left = expect(fetch(`${server.url}/wait`, { signal: client.signal })).rejects.toThrow();
  await arrived;
  client.abort();
  await left;
  const count = async (status: string) =>
    (await metricsOf(server)).value('http_requests_total', { route: '/wait', status });
  await expect.poll(() => count('499')).toBe(1);
  waiting.resolve();
  expect(await count('200')).toBeUndefined();
});

test('two apps in one process share nothing', async () => {
  const [one, other] = [await startApp(createTestApp([])), await startApp(createTestApp([]))];
  await one.request('GET', '/health/live');
  expect((await metricsOf(other)).value('http_requests_total', { route: '/health/live' })).toBeUndefined();
});
