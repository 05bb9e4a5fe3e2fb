import { expect, test } from 'vitest';
import { CircuitOpenError, createRetryBudget, type Policy, reliable, systemClock } from '../src/index.ts';
import { createCallClock } from './call-clock.ts';

const quick: Policy<string> = {
  deadlineMs: 1000,
  attemptTimeoutMs: 500,
  maxAttempts: 3,
  baseMs: 0,
  capMs: 0,
};

/** A call whose attempts end as the list says: an Error is thrown. */
const scripted = (endings: readonly (string | Error)[]) => {
  const numbers: number[] = [];
  return {
    numbers,
    call: async ({ number }: { readonly number: number }): Promise<string> => {
      numbers.push(number);
      const ending = endings[number - 1] ?? 'unscripted';
      if (ending instanceof Error) throw ending;
      return ending;
    },
  };
};

const first = new Error('first');
const second = new Error('second');
const third = new Error('third');
const busyIsRetriable = (outcome: { value: string } | { error: unknown }) =>
  'error' in outcome || outcome.value.startsWith('busy') ? 0 : undefined;

test.each<[string, readonly (string | Error)[], string | Error, number]>([
  ['a value is passed on', ['fine'], 'fine', 1],
  ['an error is followed by another attempt', [first, second, 'fine'], 'fine', 3],
  ['the last error is thrown', [first, second, third], third, 3],
  ['the last retriable value is passed on', ['busy 1', 'busy 2', 'busy 3'], 'busy 3', 3],
  ['a value counts more than a later error', ['busy 1', second, third], 'busy 1', 3],
  ['a value after an error is the last one', [first, second, 'busy 3'], 'busy 3', 3],
])('%s', async (_name, endings, expected, attempts) => {
  const { call, numbers } = scripted(endings);
  const result = reliable(call, { ...quick, retryAfterMs: busyIsRetriable });
  if (expected instanceof Error) await expect(result).rejects.toBe(expected);
  else await expect(result).resolves.toBe(expected);
  expect(numbers).toEqual(Array.from({ length: attempts }, (_, index) => index + 1));
});

test('an attempt that is refused is not repeated and does not hide what came before', async () => {
  const { call, numbers } = scripted(['busy 1', new CircuitOpenError(5), 'fine']);
  await expect(reliable(call, { ...quick, retryAfterMs: busyIsRetriable })).resolves.toBe('busy 1');
  expect(numbers).toEqual([1, 2]);
  await expect(reliable(scripted([new CircuitOpenError(5)]).call, quick)).rejects.toThrow(CircuitOpenError);
});

test('a wait that the other side asks for is kept, and given up at once where it passes the deadline', async () => {
  const { clock, advance } = createCallClock();
  const startedAtMs = clock.nowMs();
  const waits: number[] = [];
  const asking = (ms: number): Policy<string> => ({
    ...quick,
    baseMs: 100,
    capMs: 100,
    clock,
    retryAfterMs: (outcome) => ('error' in outcome ? ms : undefined),
    onRetry: ({ waitMs }) => waits.push(waitMs),
  });
  const { call } = scripted([first, 'fine']);
  const result = reliable(call, asking(700));
  await advance(800);
  await expect(result).resolves.toBe('fine');
  expect(waits).toHaveLength(1);
  expect(waits[0]).toBeGreaterThanOrEqual(700);
  expect(clock.nowMs() - startedAtMs).toBe(800);
  await expect(reliable(scripted([first, 'fine']).call, asking(1000))).rejects.toBe(first);
});

const CALLS = 2000;

/** Makes calls to a service that is dead. Resolves with the attempts. */
const loadOnDeadService = async (policy: Policy<string>): Promise<number> => {
  let attempts = 0;
  const call = async (): Promise<string> => {
    attempts += 1;
    throw new Error('dead');
  };
  for (let made = 0; made < CALLS; made += 100) {
    await Promise.allSettled(Array.from({ length: 100 }, () => reliable(call, policy)));
  }
  return attempts;
};

test('a dead service gets at most 1.1 times the calls, plus the reserve and what trickles back', async () => {
  const startedAtMs = performance.now();
  const attempts = await loadOnDeadService({ ...quick, budget: createRetryBudget(systemClock) });
  const seconds = (performance.now() - startedAtMs) / 1000;
  expect(attempts).toBeGreaterThanOrEqual(CALLS);
  expect(attempts).toBeLessThanOrEqual(1.1 * CALLS + 20 + Math.ceil(seconds));
});

test('(detector) without a budget it gets three times as many', async () => {
  expect(await loadOnDeadService(quick)).toBe(3 * CALLS);
});

test('a caller with little traffic gets its retries back, one a second', () => {
  let nowMs = 0;
  const budget = createRetryBudget({ nowMs: () => nowMs }, { reserve: 2 });
  expect([budget.takeRetry(), budget.takeRetry(), budget.takeRetry()]).toEqual([true, true, false]);
  nowMs += 999;
  expect(budget.takeRetry()).toBe(false);
  nowMs += 1;
  expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
  nowMs += 1e9;
  expect([budget.takeRetry(), budget.takeRetry(), budget.takeRetry()]).toEqual([true, true, false]);
});
