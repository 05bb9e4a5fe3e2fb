import {
  type Clock,
  createBulkhead,
  createCircuitBreaker,
  createRetryBudget,
  type Policy,
} from '../src/index.ts';

/** The policy of a server with default settings. */
export const createDefaultPolicy = (clock: Clock): Policy => ({
  deadlineMs: 5000,
  attemptTimeoutMs: 1000,
  maxAttempts: 3,
  baseMs: 100,
  capMs: 1000,
  budget: createRetryBudget(clock),
  breaker: createCircuitBreaker(clock, {
    windowCalls: 20,
    failurePercent: 50,
    openMs: 10_000,
    probeTimeoutMs: 1000,
  }),
  bulkhead: createBulkhead({ clock }, { maxCalls: 100, maxQueue: 500 }),
  clock,
});
