import { once } from 'node:events';
import { Agent, request as send } from 'node:http';
import { createRouter, defineRoute, ProblemError, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';

const about = { name: 'one', summary: 'One', tag: 'test', path: '/one' } as const;

test('what does not answer by its deadline is told 503, and its signal aborts', async () => {
  const contract = defineRoute({ ...about, method: 'GET', responses: { 204: { description: 'Nothing' } } });
  const aborted = Promise.withResolvers<unknown>();
  const handled = route(contract).handle(async (req) => {
    const { signal } = req.context;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    aborted.resolve(signal.reason);
    return { status: 204 };
  });
  const { request } = await startApp(createTestApp([createRouter([handled])], { requestDeadlineMs: 50 }));
  const answer = await request('GET', '/one');
  expect(answer.body).toMatchObject({ status: 503, code: 'request_deadline_exceeded' });
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(await aborted.promise).toBeInstanceOf(ProblemError);
});

test('a handler that fails after the deadline does not end the connection', async () => {
  const contract = defineRoute({ ...about, method: 'GET', responses: { 204: { description: 'Nothing' } } });
  const handled = route(contract).handle(async (req) => {
    const { signal } = req.context;
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return { status: 204 };
  });
  const { port } = await startApp(createTestApp([createRouter([handled])], { requestDeadlineMs: 50 }));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const statuses: unknown[] = [];
  const clientPorts = new Set<unknown>();
  for (const path of ['/one', '/health/live', '/one', '/health/live']) {
    const [answer] = await once(send({ port, path, agent }).end(), 'response');
    clientPorts.add(answer.socket.localPort);
    await once(answer.resume(), 'end');
    statuses.push(answer.statusCode);
  }
  expect(statuses).toEqual([503, 200, 503, 200]);
  expect(clientPorts.size).toBe(1);
});

test('the signal of a request aborts when its client leaves', async () => {
  const contract = defineRoute({ ...about, method: 'GET', responses: { 204: { description: 'Nothing' } } });
  const arrived = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<unknown>();
  const handled = route(contract).handle(async (req) => {
    req.context.signal.addEventListener('abort', () => aborted.resolve(req.context.signal.reason));
    arrived.resolve();
    await aborted.promise;
    return { status: 204 };
  });
  const { port } = await startApp(createTestApp([createRouter([handled])]));
  const client = send({ port, path: '/one' })
    .on('error', () => {})
    .end();
  await arrived.promise;
  client.destroy();
  expect(await aborted.promise).toMatchObject({ name: 'ClientLeftError' });
});
