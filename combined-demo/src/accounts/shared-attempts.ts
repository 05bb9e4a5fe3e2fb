import { createHash } from 'node:crypto';
import {
  type AttemptLimiter,
  type AttemptLimiters,
  type AttemptLimits,
  createAttemptLimiters,
} from '@lab/accounts';
import type { Policy, RateLimiter } from '@lab/promo-rate-limit';

/** Redis need not know the addresses of shoppers. */
const digest = (key: string): string => createHash('sha256').update(key).digest('base64url');

const withFallback = (shared: RateLimiter, own: AttemptLimiter): AttemptLimiter => ({
  take: async (key) => {
    const { outcome, retryAfterMs } = await shared.take(digest(key));
    if (outcome === 'failed_open') return own.take(key);
    return outcome === 'allowed' ? { allowed: true } : { allowed: false, retryAfterMs };
  },
  giveBack: async (key) => {
    await Promise.all([shared.giveBack(digest(key)), own.giveBack(key)]);
  },
});

/**
 * The limits of accounts in promo-rate-limit's buckets, which with Redis all processes share. While Redis does not
 * answer, each process counts alone: shoppers can log in, and guessing does not become free.
 */
export const shareAttempts = (
  limiterOf: (policy: Policy) => RateLimiter,
  limits: AttemptLimits,
): AttemptLimiters => {
  const own = createAttemptLimiters({ now: () => new Date() }, limits);
  const share = (name: string, kind: keyof AttemptLimits): AttemptLimiter =>
    withFallback(limiterOf({ name, ...limits[kind], withoutStore: 'open' }), own[kind]);
  return {
    byAddress: share('attempts-at-account', 'byAddress'),
    byClient: share('attempts-of-client', 'byClient'),
    byRecipient: share('mails-to-address', 'byRecipient'),
  };
};
