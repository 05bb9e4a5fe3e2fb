import { runPeriodically } from '@lab/shared/process';
import { expect, it } from 'vitest';

/** Pauses that end when the test says so. */
const createPauses = () => {
  let wake = Promise.withResolvers<void>();
  const lengths: number[] = [];
  const sleep = (ms: number, signal: AbortSignal): Promise<unknown> => {
    lengths.push(ms);
    wake = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => wake.reject(signal.reason));
    return wake.promise;
  };
  return { sleep, lengths, wake: () => wake.resolve() };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));
const unexpected = (error: unknown) => expect.unreachable(String(error));

it('runs at once, and again after each pause', async () => {
  const { sleep, lengths, wake } = createPauses();
  let runs = 0;
  const task = runPeriodically(
    async () => {
      runs += 1;
    },
    { intervalMs: 50, onError: unexpected, sleep },
  );
  await turn();
  expect([runs, lengths]).toEqual([1, [50]]);
  wake();
  await turn();
  expect([runs, lengths]).toEqual([2, [50, 50]]);
  await task.stop();
  expect(runs).toBe(2);
});

it('never starts a run beside another, and waits for the one under way when it stops', async () => {
  const { sleep, lengths } = createPauses();
  const work = Promise.withResolvers<void>();
  let isStopped = false;
  const task = runPeriodically(() => work.promise, { intervalMs: 50, onError: unexpected, sleep });
  const stopped = task.stop().then(() => {
    isStopped = true;
  });
  await turn();
  expect([isStopped, lengths]).toEqual([false, []]);
  work.resolve();
  await stopped;
});

it('reports a failed run, and goes on after the pause', async () => {
  const { sleep, wake } = createPauses();
  const errors: unknown[] = [];
  const results = [() => Promise.reject(new Error('first')), async () => 'second'];
  let runs = 0;
  await using _task = runPeriodically(async () => results[runs++]?.(), {
    intervalMs: 50,
    onError: (error) => errors.push(error),
    sleep,
  });
  await turn();
  wake();
  await turn();
  expect([errors, runs]).toEqual([[new Error('first')], 2]);
});

it('aborts a run that heeds its signal, and takes that for no failure', async () => {
  const heeding = (signal: AbortSignal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const task = runPeriodically(heeding, { intervalMs: 50, onError: unexpected });
  await task.stop();
});
