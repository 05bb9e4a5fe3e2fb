import { expect, it } from 'vitest';
import { createKeyedQueue, isLockTimeout } from '../src/database/index.ts';
import { createTurns } from '../src/database/turns.ts';

const LONG_MS = 10_000;

it('gives turns in order of arrival, one at a time', async () => {
  const { take, pass, isFree } = createTurns(LONG_MS);
  const order: number[] = [];
  const waiters = [1, 2, 3].map(async (name) => {
    await take();
    order.push(name);
    if (name > 1) pass();
  });
  await waiters[0];
  expect([order, isFree()]).toEqual([[1], false]);
  pass();
  await Promise.all(waiters);
  expect([order, isFree()]).toEqual([[1, 2, 3], true]);
});

const leave = new Error('left');

it('ends a wait that takes too long, and one that is given up', async () => {
  const { take, pass } = createTurns(5);
  await take();
  expect(await take().catch(isLockTimeout)).toBe(true);
  const leaving = new AbortController();
  const left = take(leaving.signal);
  leaving.abort(leave);
  await expect(left).rejects.toBe(leave);
  await expect(take(leaving.signal)).rejects.toBe(leave);
  pass();
  await take();
});

it('loses no turn where one passes on at the very moment that its receiver gives up', async () => {
  let late = 0;
  for (let round = 0; round < 50; round += 1) {
    const { take, pass } = createTurns(5);
    await take();
    // Timers of one length that are set in one millisecond ring together, in their order.
    setTimeout(pass, 5);
    await take().then(pass, () => {
      late += 1;
    });
    await take();
  }
  expect(late).toBeLessThan(50);
});

it('loses no turn where its receiver leaves while it is on its way', async () => {
  const { take, pass } = createTurns(LONG_MS);
  await take();
  const leaving = new AbortController();
  const next = take(leaving.signal);
  pass();
  leaving.abort();
  await expect(next).resolves.toBeUndefined();
});

it('runs work of one key in turn, and other keys beside it', async () => {
  const queue = createKeyedQueue({ waitMs: LONG_MS });
  const held = Promise.withResolvers<string>();
  const order: string[] = [];
  const first = queue.run('a', async (waitedMs) => {
    expect(waitedMs).toBe(0);
    return held.promise;
  });
  const second = queue.run('a', async (waitedMs) => {
    expect(waitedMs).toBeGreaterThan(0);
    order.push('second');
  });
  await queue.run('b', async () => void order.push('beside'));
  held.resolve('first');
  expect(await first).toBe('first');
  await second;
  expect(order).toEqual(['beside', 'second']);
});

it('passes the turn on after work that fails', async () => {
  const queue = createKeyedQueue({ waitMs: LONG_MS });
  const failing = queue.run('a', () => Promise.reject(new Error('failed')));
  const next = queue.run('a', async () => 'next');
  await expect(failing).rejects.toThrow('failed');
  expect(await next).toBe('next');
});

it('never runs work whose wait took too long, or whose caller has left', async () => {
  const queue = createKeyedQueue({ waitMs: 5 });
  const held = Promise.withResolvers<void>();
  const ran: string[] = [];
  const first = queue.run('a', () => held.promise);
  const late = queue.run('a', async () => ran.push('late'));
  expect(await late.catch(isLockTimeout)).toBe(true);
  const leaving = new AbortController();
  const left = queue.run('a', async () => ran.push('left'), leaving.signal);
  leaving.abort(leave);
  await expect(left).rejects.toBe(leave);
  held.resolve();
  await first;
  await expect(queue.run('b', async () => ran.push('left'), leaving.signal)).rejects.toBe(leave);
  expect(ran).toEqual([]);
});

it('lets only so many wait for one key, and turns the next one away at once', async () => {
  const queue = createKeyedQueue({ waitMs: LONG_MS, maxWaiting: 2 });
  const held = Promise.withResolvers<void>();
  const ran: string[] = [];
  const first = queue.run('a', () => held.promise);
  const waiting = ['1', '2'].map((name) => queue.run('a', async () => ran.push(name)));
  const refused = queue.run('a', async () => ran.push('too many'));
  await expect(refused).rejects.toSatisfy(isLockTimeout);
  await queue.run('b', async () => ran.push('beside'));
  held.resolve();
  await Promise.all([first, ...waiting]);
  await queue.run('a', async () => ran.push('later'));
  expect(ran).toEqual(['beside', '1', '2', 'later']);
});
