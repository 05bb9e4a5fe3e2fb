/**
 * Problem: most failures are over in a moment, and most retries make things worse: they come at once, all together, and
 * without end.
 * The idea: full jitter (M. Brooker, "Exponential Backoff And Jitter", 2015): a random wait between 0 and a bound that
 * doubles with each retry, so that callers who failed together do not come back together.
 * Guarantees: no retry beyond the attempts, the budget or the deadline, and none before the other side wants one.
 * Does NOT guarantee: that repeating is safe. Only retry what does no harm when it is done twice.
 */
import { type Outcome, outcomeOf, RefusedError, unwrap, type Wait } from './call.ts';
import type { Clock } from './clock.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface Backoff {
  /** Bound of the first wait, in milliseconds. */
  readonly baseMs: number;
  /** Highest bound, in milliseconds. */
  readonly capMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The wait before a retry, 1 being the first, in milliseconds: `random(0, min(cap, base * 2^(retry - 1)))`. */
export const fullJitter = ({ baseMs, capMs, random }: Backoff, retry: number): number =>
  random() * Math.min(capMs, baseMs * 2 ** (retry - 1));

/** Why there is no further attempt after one that could have been repeated. */
export type GaveUp = 'attempts' | 'budget' | 'deadline' | 'refused';

export interface RetryOptions<Value> extends Backoff {
  /** Most attempts, the first one included. */
  readonly maxAttempts: number;
  /**
   * Whether to try again after this outcome: the least wait in milliseconds, to which the jitter is added (0: only the
   * jitter), or undefined for no.
   */
  readonly retryAfterMs: (outcome: Outcome<Value>) => number | undefined;
  readonly clock: Clock;
  readonly budget?: RetryBudget | undefined;
  /** Before the wait. */
  readonly onRetry?: ((retry: { readonly number: number; readonly waitMs: number }) => void) | undefined;
  readonly onGiveUp?: ((why: GaveUp) => void) | undefined;
}

/** Rejects with the signal's reason when it aborts. */
const sleep = (ms: number, signal: AbortSignal | undefined, clock: Clock): Promise<void> => {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = clock.schedule(ms, resolve);
  const leave = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', leave);
  return promise.finally(() => {
    cancel();
    signal?.removeEventListener('abort', leave);
  });
};

/**
 * Repeats an attempt. When it gives up, the result is the last value, although it could have been repeated (the 503 of a
 * server is an answer), or else the last error. An attempt that was refused is not repeated and does not hide what came
 * before.
 */
export const retry = async <Value>(
  attempt: (number: number) => Promise<Value>,
  { deadlineAtMs, signal }: Wait,
  options: RetryOptions<Value>,
): Promise<Value> => {
  const { maxAttempts, retryAfterMs, clock, budget, onRetry, onGiveUp } = options;
  budget?.recordCall();
  let kept: Outcome<Value> | undefined;

  /** How long to wait before the next attempt, or why there is none. */
  const next = (number: number, leastMs: number): number | GaveUp => {
    if (number >= maxAttempts) return 'attempts';
    const waitMs = leastMs + fullJitter(options, number);
    if (clock.nowMs() + waitMs >= deadlineAtMs) return 'deadline';
    return budget === undefined || budget.takeRetry() ? waitMs : 'budget';
  };

  for (let number = 1; ; number += 1) {
    const outcome = await outcomeOf(attempt(number));
    if (signal?.aborted) return unwrap(outcome);
    const isRefused = 'error' in outcome && outcome.error instanceof RefusedError;
    if (isRefused && kept) onGiveUp?.('refused');
    if (isRefused) return unwrap(kept ?? outcome);
    const leastMs = retryAfterMs(outcome);
    if (leastMs === undefined) return unwrap(outcome);
    if ('value' in outcome || !kept || 'error' in kept) kept = outcome;
    const waitMs = next(number, leastMs);
    if (typeof waitMs === 'string') {
      onGiveUp?.(waitMs);
      return unwrap(kept);
    }
    onRetry?.({ number, waitMs });
    await sleep(waitMs, signal, clock);
  }
};
