import {
  createBulkhead,
  createCircuitBreaker,
  createRetryBudget,
  type Outcome,
  type Policy,
  systemClock,
} from '@lab/reliability-audit';
import { Stripe } from 'stripe';
import { RefusedByProviderError } from './provider.ts';

type Settled = Outcome<unknown>;

/** Whether the provider failed or was not reached, so that nobody knows whether it acted. */
const isUnknown = (error: unknown): boolean =>
  !(error instanceof Stripe.errors.StripeError || error instanceof RefusedByProviderError) ||
  error instanceof Stripe.errors.StripeConnectionError ||
  error instanceof Stripe.errors.StripeAPIError ||
  error instanceof Stripe.errors.StripeRateLimitError;

/** What the provider asks for in `Retry-After`, in milliseconds. */
const retryAfterOf = (error: unknown): number => {
  const wanted = error instanceof Stripe.errors.StripeError ? Number(error.headers?.['retry-after']) : 0;
  return Number.isFinite(wanted) ? wanted * 1000 : 0;
};

/** How calls to the provider are made. Each one can be repeated, because it has the provider's own idempotency key. */
export const createProviderPolicy = ({
  attemptTimeoutMs,
  deadlineMs,
}: {
  readonly attemptTimeoutMs: number;
  readonly deadlineMs: number;
}): Policy => ({
  deadlineMs,
  attemptTimeoutMs,
  maxAttempts: 3,
  baseMs: 100,
  capMs: 1000,
  retryAfterMs: (outcome: Settled) =>
    'error' in outcome && isUnknown(outcome.error) ? retryAfterOf(outcome.error) : undefined,
  isFailure: (outcome: Settled) => 'error' in outcome && isUnknown(outcome.error),
  budget: createRetryBudget(systemClock, { percent: 50, reserve: 50, reservePerSecond: 5 }),
  breaker: createCircuitBreaker(
    { nowMs: systemClock.nowMs },
    { windowCalls: 20, failurePercent: 90, openMs: 1000, probeTimeoutMs: attemptTimeoutMs },
  ),
  bulkhead: createBulkhead({ clock: systemClock }, { maxCalls: 100, maxQueue: 500 }),
  clock: systemClock,
});
