import type { BucketStore } from './bucket-store.ts';
import { describeTaken, limitOf, requireCost, type Taken } from './token-bucket.ts';

/** A named limit: how large the bucket of each caller is, and what happens while the store does not answer. */
export interface Policy {
  /** Lower-case letters, digits and hyphens. Stands in keys, headers and metrics. */
  readonly name: string;
  /** Most requests in one burst. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** Whether requests pass (`open`) or are refused (`closed`) while the store does not answer. */
  readonly withoutStore: 'open' | 'closed';
}

export const outcomes = ['allowed', 'limited', 'failed_open', 'failed_closed'] as const;

/** `failed_open` and `failed_closed`: the store did not answer, and the policy decided. */
type LimitOutcome = (typeof outcomes)[number];

export interface Decision {
  readonly outcome: LimitOutcome;
  readonly allowed: boolean;
  /** Whole tokens left in the bucket. */
  readonly remaining: number;
  /** How long to wait before the same request can succeed, in milliseconds; 0 if it was allowed. */
  readonly retryAfterMs: number;
  /** How long until the bucket is full, in milliseconds. */
  readonly resetMs: number;
}

export interface RateLimiter {
  readonly policy: Policy;
  /** The time in which an empty bucket fills, in milliseconds. */
  readonly windowMs: number;
  /**
   * Takes `cost` tokens (default 1) out of the bucket of this key, or none if it has too few. Never rejects because of
   * the store. Throws a RangeError if no bucket could ever hold the cost.
   */
  readonly take: (key: string, cost?: number) => Promise<Decision>;
  /**
   * Gives one token back, after a request that need not count. Never rejects: a store that does not answer keeps the
   * token.
   */
  readonly giveBack: (key: string) => Promise<void>;
}

export interface RateLimiterDeps {
  readonly store: BucketStore;
  /** Called with each decision. */
  readonly onDecision?: ((policy: Policy, outcome: LimitOutcome) => void) | undefined;
  /** Called with the error of the first decision that the store did not make, and not again until it has made one. */
  readonly onStoreLost?: ((policy: Policy, error: unknown) => void) | undefined;
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** A store that was away may be back this soon. */
const STORE_RETRY_MS = 1000;

/** Limits the callers of one policy. Throws a RangeError if the policy cannot be kept exactly (see `limitOf`). */
export const createRateLimiter = (
  policy: Policy,
  { store, onDecision, onStoreLost }: RateLimiterDeps,
): RateLimiter => {
  if (!NAME.test(policy.name))
    throw new RangeError('the name of a policy must be lower-case letters, digits and hyphens');
  const limit = limitOf(policy);
  const withoutStore: Decision =
    policy.withoutStore === 'open'
      ? { outcome: 'failed_open', allowed: true, remaining: limit.capacity, retryAfterMs: 0, resetMs: 0 }
      : {
          outcome: 'failed_closed',
          allowed: false,
          remaining: 0,
          retryAfterMs: STORE_RETRY_MS,
          resetMs: STORE_RETRY_MS,
        };
  let isLost = false;

  const told = (decision: Decision): Decision => {
    onDecision?.(policy, decision.outcome);
    return decision;
  };
  const lose = (error: unknown): void => {
    if (!isLost) onStoreLost?.(policy, error);
    isLost = true;
  };

  return {
    policy,
    windowMs: limit.windowMs,
    take: async (key, cost = 1) => {
      requireCost(limit, cost);
      let taken: Taken;
      try {
        const answer = store.take({ policy: policy.name, limit, key }, cost);
        // What memory answers at once need not wait.
        taken = answer instanceof Promise ? await answer : answer;
      } catch (error) {
        lose(error);
        return told(withoutStore);
      }
      isLost = false;
      const { remaining, retryAfterMs, resetMs } = describeTaken(limit, taken, cost);
      const allowed = taken.isTaken;
      return told({ outcome: allowed ? 'allowed' : 'limited', allowed, remaining, retryAfterMs, resetMs });
    },
    giveBack: async (key) => {
      try {
        await store.take({ policy: policy.name, limit, key }, -1);
        isLost = false;
      } catch (error) {
        lose(error);
      }
    },
  };
};
