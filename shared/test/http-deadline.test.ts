import { request as send } from 'node:http';
import { createRouter, defineRoute, ProblemError, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { expect, test } from 'vitest';

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
