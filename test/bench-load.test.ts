import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { atEnd, undoAll } from '../lab/bench/leftovers.ts';
import { load } from '../lab/bench/load.ts';

/** A server that reports whether it has seen each idempotency key, and that fails if the path says so. */
const startCounter = async () => {
  const seen: string[] = [];
  const server = createServer((req, res) => {
    const key = String(req.headers['idempotency-key']);
    if (seen.includes(key)) res.setHeader('Idempotent-Replayed', 'true');
    seen.push(key);
    res.writeHead(req.url === '/fails' && seen.length > 50 ? 500 : 201).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const process = { url, pid: 0, logFile: '', cpuMs: () => undefined, stop: async () => undefined };
  return { process, seen };
};

const gift = { method: 'POST', path: '/gift', body: {} } as const;

test('the load sends the requested number of requests, under increasing keys', async () => {
  const { process, seen } = await startCounter();
  const keys = { prefix: 'k', from: 10, count: 100 };
  const result = await load(process, { ...gift, keys }, { amount: 100 });
  expect(result).toMatchObject({ total: 100, replayed: 0 });
  expect(seen.toSorted()).toEqual(Array.from({ length: 100 }, (_, index) => `k-${10 + index}`).toSorted());
});

test('the load counts the responses that are replays', async () => {
  const { process } = await startCounter();
  const keys = { prefix: 'k', from: 0, count: 40 };
  const result = await load(process, { ...gift, keys }, { amount: 100 });
  expect(result).toMatchObject({ total: 100, replayed: 60 });
});

test('responses during warm-up are not measured', async () => {
  const { process, seen } = await startCounter();
  const keys = { prefix: 'k', from: 0, count: 40 };
  const { total, answered } = await load(process, { ...gift, keys }, { duration: 0.5, warmUp: 0.25 });
  expect(answered).toBeGreaterThan(total);
  expect(seen.length).toBeGreaterThanOrEqual(answered);
});

test('a load with responses other than 2xx fails', async () => {
  const { process } = await startCounter();
  await expect(load(process, { ...gift, path: '/fails' }, { amount: 100 })).rejects.toThrow(
    '/fails: 50 failed',
  );
});

test('leftovers are removed once, in reverse order', async () => {
  const undone: string[] = [];
  atEnd(() => undone.push('first'));
  const second = atEnd(() => undone.push('second'));
  atEnd(async () => undone.push('third'));
  second();
  await undoAll();
  await undoAll();
  expect(undone).toEqual(['second', 'third', 'first']);
});
