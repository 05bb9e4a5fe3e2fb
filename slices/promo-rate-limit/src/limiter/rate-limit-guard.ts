import { type ContractRouter, defineProblem, guard, ProblemError, rateLimited } from '@lab/shared/http';
import type { Request, RequestHandler, Response } from 'express';
import { callerKey } from './caller-key.ts';
import type { Decision, RateLimiter } from './rate-limiter.ts';

export const limiterUnavailable = defineProblem({
  code: 'rate_limiter_unavailable',
  status: 503,
  title: 'The rate limiter does not answer',
  explanation:
    'This route serves nobody while its limits cannot be checked, and this request did nothing. Send it again after the number of seconds in `Retry-After`.',
});

/** Whole seconds, rounded up, so that whoever waits that long is not too early. */
const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** A route can be under several policies. Their items form one list, that of the innermost policy first. */
const addItem = (res: Response, name: string, item: string): void => {
  const outer = res.getHeader(name);
  res.setHeader(name, outer === undefined ? item : `${item}, ${String(outer)}`);
};

/**
 * Structured fields (RFC 9651) as in draft-ietf-httpapi-ratelimit-headers: `q` requests fit into `w` seconds, `r` are
 * left, and the bucket is full in `t` seconds.
 */
const describe = (res: Response, { policy, windowMs }: RateLimiter, decision: Decision): void => {
  addItem(res, 'RateLimit-Policy', `"${policy.name}";q=${policy.capacity};w=${seconds(windowMs)}`);
  if (decision.outcome === 'failed_open' || decision.outcome === 'failed_closed') return;
  addItem(res, 'RateLimit', `"${policy.name}";r=${decision.remaining};t=${seconds(decision.resetMs)}`);
};

export interface GuardOptions {
  /** Whose bucket pays (default: `callerKey`). */
  readonly keyOf?: (req: Request) => string;
}

/** Express middleware that takes a token for each request, or answers 429 (or 503, see Policy) with `Retry-After`. */
export const rateLimitGuard =
  (limiter: RateLimiter, { keyOf = callerKey }: GuardOptions = {}): RequestHandler =>
  async (req, res, next) => {
    const decision = await limiter.take(keyOf(req));
    describe(res, limiter, decision);
    if (!decision.allowed) {
      const problem = decision.outcome === 'failed_closed' ? limiterUnavailable : rateLimited;
      const headers = { 'Retry-After': String(Math.max(1, seconds(decision.retryAfterMs))) };
      throw new ProblemError(problem, { headers });
    }
    next();
  };

/**
 * The same router under a limit. It counts requests whose caller is known (or not asked for), so that a request without
 * valid credentials takes nothing from anybody.
 */
export const limitRate = (
  router: ContractRouter,
  limiter: RateLimiter,
  { only, ...options }: GuardOptions & { readonly only?: readonly string[] } = {},
): ContractRouter => {
  const failsClosed = limiter.policy.withoutStore === 'closed';
  const problems = failsClosed ? [rateLimited, limiterUnavailable] : [rateLimited];
  return guard(router, rateLimitGuard(limiter, options), { problems, ...(only && { only }) });
};
