import { setTimeout as wait } from 'node:timers/promises';
import { createSeededRandom } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import {
  createBulkhead,
  createCircuitBreaker,
  createRetryBudget,
  type Policy,
  reliable,
  systemClock,
  TimeoutError,
} from '../src/index.ts';
import { createCallClock } from './call-clock.ts';
import { mixedCalls } from './mixed-calls.ts';

const GRACE_MS = 50;

const policyOn = (clock: typeof systemClock): Policy => ({
  deadlineMs: 500,
  attemptTimeoutMs: 200,
  maxAttempts: 4,
  baseMs: 50,
  capMs: 400,
  random: createSeededRandom(1),
  clock,
  budget: createRetryBudget(clock, { percent: 50, reserve: 100 }),
  breaker: createCircuitBreaker(clock, {
    windowCalls: 20,
    failurePercent: 90,
    openMs: 100,
    probeTimeoutMs: 200,
  }),
  bulkhead: createBulkhead({ clock }, { maxCalls: 50, maxQueue: 2000 }),
});

describe('no call passes its deadline', () => {
  test('1,000 mixed calls on a fake clock', async () => {
    const { clock, sleep, advance } = createCallClock();
    const policy = policyOn(clock);
    const late: number[] = [];
    const durations = mixedCalls(1000, 400, sleep).map(async (call, index) => {
      // Ten begin at a time.
      await sleep(Math.floor(index / 10) * 20);
      const startedAtMs = clock.nowMs();
      await reliable(call, policy).catch(() => undefined);
      const lateMs = clock.nowMs() - startedAtMs - policy.deadlineMs;
      late.push(lateMs);
    });
    for (let passed = 0; passed < 6000; passed += 100) await advance(100);
    await Promise.all(durations);
    expect(late).toHaveLength(1000);
    expect(Math.max(...late)).toBeLessThanOrEqual(0);
    // Some of them needed all of their time.
    expect(Math.max(...late)).toBe(0);
  });

  test('200 mixed calls on the real clock', async () => {
    const policy = policyOn(systemClock);
    const lateMs = await Promise.all(
      mixedCalls(200, 400, wait).map(async (call) => {
        const settled = reliable(call, policy).then(
          () => performance.now(),
          () => performance.now(),
        );
        // A timer of the same length tells how late this machine is.
        const deadline = wait(policy.deadlineMs).then(() => performance.now());
        return (await settled) - (await deadline);
      }),
    );
    expect(lateMs).toHaveLength(200);
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(GRACE_MS);
  });

  test('(detector) a call without a deadline is found', async () => {
    const { clock, sleep, advance } = createCallClock();
    const [call = () => sleep(0)] = mixedCalls(1, 400, sleep);
    let lateMs = Number.NEGATIVE_INFINITY;
    const done = Promise.allSettled([
      call({ signal: new AbortController().signal, number: 1 }),
      sleep(9000),
    ]).then(() => {
      lateMs = clock.nowMs() - Date.parse('2026-11-20T12:00:00.000Z') - 500;
    });
    await advance(10_000);
    await done;
    expect(lateMs).toBeGreaterThan(GRACE_MS);
  });
});

const slow: Policy = { deadlineMs: 1000, attemptTimeoutMs: 100, maxAttempts: 1, baseMs: 0, capMs: 0 };

describe('an attempt that takes too long', () => {
  test('is aborted, not abandoned', async () => {
    const { clock, advance } = createCallClock();
    const reasons: unknown[] = [];
    const call = ({ signal }: { signal: AbortSignal }) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(new Error('the abort'));
        });
      });
    const outcome = expect(reliable(call, { ...slow, clock })).rejects.toThrow(TimeoutError);
    await advance(99);
    expect(reasons).toEqual([]);
    await advance(1);
    await outcome;
    expect(reasons).toEqual([expect.any(TimeoutError)]);
  });

  test('is cut off although it ignores its signal, and its late error disturbs no one', async () => {
    const { clock, sleep, advance } = createCallClock();
    const call = async () => {
      await sleep(200);
      throw new Error('too late to matter');
    };
    const outcome = expect(reliable(call, { ...slow, clock })).rejects.toThrow(TimeoutError);
    await advance(100);
    await outcome;
    await advance(1000);
  });
});

describe('when the caller leaves', () => {
  const left = new Error('the caller has left');

  test('the attempt is aborted, and no other one is made', async () => {
    const leaving = new AbortController();
    const { clock } = createCallClock();
    const numbers: number[] = [];
    const call = ({ signal, number }: { signal: AbortSignal; number: number }) => {
      numbers.push(number);
      return new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    };
    const outcome = expect(reliable(call, { ...slow, maxAttempts: 5, clock }, leaving.signal)).rejects.toBe(
      left,
    );
    leaving.abort(left);
    await outcome;
    expect(numbers).toEqual([1]);
  });

  test('a wait before a retry ends', async () => {
    const leaving = new AbortController();
    const { clock } = createCallClock();
    const onRetry = () => leaving.abort(left);
    const policy = { ...slow, maxAttempts: 5, baseMs: 500, capMs: 500, clock, onRetry };
    await expect(reliable(() => Promise.reject(new Error('no')), policy, leaving.signal)).rejects.toBe(left);
  });

  test('nothing is begun if it has left before', async () => {
    const call = () => Promise.reject(new Error('was begun'));
    await expect(reliable(call, slow, AbortSignal.abort(left))).rejects.toBe(left);
  });
});
