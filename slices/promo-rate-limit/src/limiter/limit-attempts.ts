import {
  type Around,
  type ContractRouter,
  guard,
  ProblemError,
  rateLimited,
  wrapHandlers,
} from '@lab/shared/http';
import { callerKey } from './caller-key.ts';
import { limiterUnavailable } from './rate-limit-guard.ts';
import type { RateLimiter } from './rate-limiter.ts';

interface AttemptOptions {
  /** The name of the route. */
  readonly route: string;
  /** Whether a request is an attempt at all. The others take nothing. */
  readonly isAttempt: (body: unknown) => boolean;
}

/**
 * The same router, in which failed attempts of one route are limited: guesses of a code that comes with a larger request.
 * A token is taken for each attempt, and given back if it succeeds.
 */
export const limitAttempts = (
  router: ContractRouter,
  limiter: RateLimiter,
  { route, isAttempt }: AttemptOptions,
): ContractRouter => {
  const around: Around = async (req, handle) => {
    if (!isAttempt(req.body)) return handle();
    const key = callerKey({ caller: req.caller, ip: undefined });
    const decision = await limiter.take(key);
    if (!decision.allowed) {
      const problem = decision.outcome === 'failed_closed' ? limiterUnavailable : rateLimited;
      const seconds = Math.max(1, Math.ceil(decision.retryAfterMs / 1000));
      throw new ProblemError(problem, { headers: { 'Retry-After': String(seconds) } });
    }
    const reply = await handle();
    await limiter.giveBack(key);
    return reply;
  };
  const documented = guard(router, (_req, _res, next) => next(), {
    problems: [rateLimited, limiterUnavailable],
    only: [route],
  });
  return wrapHandlers(documented, { [route]: { around } });
};
