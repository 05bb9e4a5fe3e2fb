/**
 * Problem: each of these patterns alone leaves a hole. Retries without a deadline hang, a breaker without a timeout never
 * learns of a hang, a timeout without an abort leaks what it cut off.
 * The idea: one composition, from the outside in: deadline, retry within a budget, bulkhead, circuit breaker, timeout of
 * the attempt. Each retry takes a new turn and asks the breaker again; a wait before a retry holds no place.
 * Guarantees: what each part guarantees, and that a call ends no later than its deadline whatever the other side does.
 * Does NOT guarantee: that a call happens once. An attempt that was cut off may have been carried out: repeat only what
 * is idempotent, and pass an idempotency key on.
 */
import type { Bulkhead } from './bulkhead.ts';
import type { Call, Outcome, Wait } from './call.ts';
import { type CircuitBreaker, throughBreaker } from './circuit-breaker.ts';
import { type Clock, systemClock } from './clock.ts';
import { attemptInTime } from './deadline.ts';
import { type GaveUp, retry } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';

/** How calls to one service are made. Breaker, bulkhead and budget are shared by all of them. */
export interface Policy<Value = unknown> {
  /** Longest time of a call with all its attempts and waits, in milliseconds. */
  readonly deadlineMs: number;
  /** Longest time of one attempt, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** Most attempts, the first one included. 1 for what must not be repeated. */
  readonly maxAttempts: number;
  /** Bound of the wait before the first retry, in milliseconds. It doubles with each one. */
  readonly baseMs: number;
  /** Highest bound of a wait, in milliseconds. */
  readonly capMs: number;
  /** Whether to repeat, and the least wait in milliseconds (default: each error, after 0). See retry.ts. */
  readonly retryAfterMs?: (outcome: Outcome<Value>) => number | undefined;
  /** Whether an outcome counts against the service (default: each error). */
  readonly isFailure?: (outcome: Outcome<Value>) => boolean;
  readonly budget?: RetryBudget;
  readonly breaker?: CircuitBreaker;
  readonly bulkhead?: Bulkhead;
  /** The functions from here on must not throw. Called when an attempt begins, after it was let through. */
  readonly onAttempt?: (number: number) => void;
  readonly onRetry?: (retry: { readonly number: number; readonly waitMs: number }) => void;
  readonly onGiveUp?: (why: GaveUp) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

const isError = (outcome: Outcome<unknown>): boolean => 'error' in outcome;

const repeatErrors = (outcome: Outcome<unknown>): number | undefined => ('error' in outcome ? 0 : undefined);

/**
 * Makes a call under a policy. Resolves with its value. Rejects with the call's own last error, with a TimeoutError, with
 * a CircuitOpenError or BulkheadFullError if it was not made at all, or with the reason of `signal`, which aborts
 * everything when the caller leaves.
 */
export const reliable = <Value>(
  call: Call<Value>,
  policy: Policy<Value>,
  signal?: AbortSignal,
): Promise<Value> => {
  const { clock = systemClock, breaker, bulkhead, isFailure = isError, onAttempt } = policy;
  const wait: Wait = { deadlineAtMs: clock.nowMs() + policy.deadlineMs, signal };
  const options = { attemptTimeoutMs: policy.attemptTimeoutMs, clock };

  const inTime = (number: number): Promise<Value> => {
    onAttempt?.(number);
    return attemptInTime(call, number, wait, options);
  };
  const letThrough = (number: number): Promise<Value> =>
    breaker ? throughBreaker(breaker, () => inTime(number), isFailure, signal) : inTime(number);
  const inTurn = (number: number): Promise<Value> =>
    bulkhead ? bulkhead.run(() => letThrough(number), wait) : letThrough(number);

  return retry(inTurn, wait, {
    ...policy,
    clock,
    random: policy.random ?? Math.random,
    retryAfterMs: policy.retryAfterMs ?? repeatErrors,
  });
};
