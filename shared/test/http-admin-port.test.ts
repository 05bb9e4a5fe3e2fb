import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startChild } from './fixtures/child-server.ts';

const heldServer = new URL('./fixtures/held-server.ts', import.meta.url);
const limit = { timeout: 20_000 };
const token = 'a-secret-of-thirty-two-characters';
const production = { APP_ENV: 'production', ADMIN_TOKEN: token, DRAIN_DELAY_MS: '0' };

const inside = ['/metrics', '/docs', '/openapi.json'];
const outside = ['/health', '/health/live', '/problems/not_found'];

const statuses = (url: unknown, paths: readonly string[], headers: Record<string, string> = {}) =>
  Promise.all(paths.map(async (path) => (await fetch(`${url}${path}`, { headers })).status));

const start = async (env: Record<string, string>) => {
  const server = startChild(heldServer, { ...production, ...env });
  const { url, admin_url } = await server.logged('listening');
  return { ...server, url, admin_url };
};

test('in production documentation and metrics want the token of operators', limit, async () => {
  const { url, admin_url } = await start({});
  expect(admin_url).toBeUndefined();
  expect(await statuses(url, inside)).toEqual([401, 401, 401]);
  expect(await statuses(url, inside, { Authorization: `Bearer ${token}` })).toEqual([401, 401, 401]);
  expect(await statuses(url, inside, { 'X-Admin-Token': token })).toEqual([200, 200, 200]);
  expect(await statuses(url, outside)).toEqual([200, 200, 200]);
});

test('PUBLIC_DOCS and PUBLIC_METRICS open them, each its own', limit, async () => {
  const { url } = await start({ PUBLIC_DOCS: 'on' });
  expect(await statuses(url, inside)).toEqual([401, 200, 200]);
});

test('with ADMIN_PORT they are there, without a token, and nowhere else', limit, async () => {
  const { url, admin_url } = await start({ ADMIN_PORT: '0', PUBLIC_URL: 'https://shop.example' });
  expect(await statuses(url, [...inside, ...outside], { 'X-Admin-Token': token })).toEqual([
    404, 404, 404, 200, 200, 200,
  ]);
  expect(await statuses(admin_url, [...inside, ...outside, '/release'])).toEqual([
    200, 200, 200, 200, 200, 200, 404,
  ]);
  const openApi = z
    .looseObject({ servers: z.unknown(), paths: z.record(z.string(), z.unknown()) })
    .parse(await (await fetch(`${admin_url}/openapi.json`)).json());
  expect(openApi.servers).toEqual([{ url: 'https://shop.example' }]);
  expect(Object.keys(openApi.paths)).toContain('/held');
  const metrics = await (await fetch(`${admin_url}/metrics`)).text();
  expect(metrics).toContain('http_requests_total{method="GET",route="/health",status="200"} 1\n');
});

test('a signal ends both ports once every request is answered', limit, async () => {
  const { url, admin_url, child, logged, ended } = await start({ ADMIN_PORT: '0', DRAIN_DELAY_MS: '1000' });
  const held = fetch(`${url}/held`);
  await logged('held');
  child.kill('SIGTERM');
  await logged('draining');
  expect(await statuses(admin_url, ['/health/live'])).toEqual([200]);
  await fetch(`${url}/release`);
  expect((await held).status).toBe(204);
  expect(await ended()).toMatchObject({ code: 0, stderr: '' });
  await expect(fetch(`${admin_url}/health/live`)).rejects.toThrow();
});

test('a request under way on ADMIN_PORT is waited for like any other', limit, async () => {
  const env = { ADMIN_PORT: '0', SHUTDOWN_TIMEOUT_MS: '300' };
  const { admin_url, child, logged, lines, ended } = await start(env);
  const held = fetch(`${admin_url}/held-docs`);
  held.catch(() => undefined);
  await logged('held');
  child.kill('SIGTERM');
  expect(await ended()).toMatchObject({ code: 1, stderr: '' });
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'stopped', outcome: 'cut' }));
  await expect(held).rejects.toThrow();
});

test('an ADMIN_PORT in use ends the start with a line that names it', limit, async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void blocker.close());
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const { code, stderr } = await startChild(heldServer, { ...production, ADMIN_PORT: port }).ended();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `Port ${port} on 127.0.0.1 is in use; stop what uses it, or choose another with ADMIN_PORT.\n`,
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
);

test.runIf(hasIpv6)('an IPv6 address stands in brackets in every URL', limit, async () => {
  const { url } = await start({ HOST: '::1' });
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  const problem = await (await fetch(`${url}/nowhere`)).json();
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^http:\/\/\[::1\]:\d+\/problems\/not_found$/),
  });
});

test('a HOST that is not an address of this machine is reported in one line', limit, async () => {
  const { code, stderr } = await startChild(heldServer, { ...production, HOST: '192.0.2.1' }).ended();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'HOST 192.0.2.1 is not an address of this machine; choose another.\n',
  });
});
