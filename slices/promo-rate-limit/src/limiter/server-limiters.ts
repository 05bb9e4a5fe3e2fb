import type { Redis } from '@lab/shared/redis';
import { Counter, Gauge, type Registry } from 'prom-client';
import { createMemoryStore } from './memory-store.ts';
import { createRateLimiter, outcomes, type Policy, type RateLimiter } from './rate-limiter.ts';
import { createRedisStore } from './redis-store.ts';

export interface ServerLimitersDeps {
  readonly registry: Registry;
  /** Where buckets are kept (default: the memory of this process). */
  readonly redis?: Redis | undefined;
  /** Its `warn` is called when a policy goes on without its store. */
  readonly logger?: { readonly warn: (fields: object, message: string) => void } | undefined;
}

/**
 * Makes the limiters of one server, which share a store and the metric `rate_limit_decisions_total{policy,decision}`,
 * next to gauges of each policy's capacity and refill.
 * All series of a policy are 0 from the start.
 */
export const createServerLimiters = ({
  registry,
  redis,
  logger,
}: ServerLimitersDeps): ((policy: Policy) => RateLimiter) => {
  const store = redis ? createRedisStore({ redis }) : createMemoryStore();
  const decisions = new Counter({
    name: 'rate_limit_decisions_total',
    help: 'Decisions of rate limits. failed_open and failed_closed: their store did not answer',
    labelNames: ['policy', 'decision'],
    registers: [registry],
  });
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['policy'], registers: [registry] });
  const capacity = gauge('rate_limit_bucket_capacity', "Most tokens in each caller's bucket");
  const refill = gauge('rate_limit_refill_per_second', "Tokens that each caller's bucket gets in a second");
  return (policy) => {
    capacity.set({ policy: policy.name }, policy.capacity);
    refill.set({ policy: policy.name }, policy.refillPerSecond);
    const impossible = policy.withoutStore === 'open' ? 'failed_closed' : 'failed_open';
    const possible = outcomes.filter((outcome) => outcome !== impossible);
    for (const decision of possible) decisions.inc({ policy: policy.name, decision }, 0);
    return createRateLimiter(policy, {
      store,
      onDecision: ({ name }, decision) => decisions.inc({ policy: name, decision }),
      onStoreLost: ({ name, withoutStore }, error) =>
        logger?.warn({ err: error, policy: name }, `rate limit without its store: ${withoutStore}`),
    });
  };
};
